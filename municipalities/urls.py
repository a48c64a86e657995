from django.urls import path

from municipalities import views

urlpatterns = [
    path("", views.portal_home, name="portal_home"),
    path("account/verder/", views.after_login, name="after_login"),
    path("<slug:gemeente>/", views.municipality_home, name="municipality_home"),
    path("<slug:gemeente>/privacy/", views.privacy, name="privacy"),
    path("<slug:gemeente>/toegankelijkheid/", views.accessibility, name="accessibility"),
    path("<slug:gemeente>/instellingen/", views.settings, name="settings"),
    path("<slug:gemeente>/huisstijl-<slug:theme_hash>.css", views.house_style, name="house_style"),
]
