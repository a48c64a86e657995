from django.urls import path

from municipalities import (
    house_style_views,
    partner_views,
    people_views,
    reminder_views,
    sign_on_views,
    views,
    webhooks,
)
from municipalities.pages import PAGES

urlpatterns = [
    path("mail/gebeurtenissen/", webhooks.mail_events, name="mail_events"),
    path("", views.portal_home, name="portal_home"),
    path("over-signaalpunt/", views.about_portal, name="about_portal"),
    path("regio/<slug:region>/", views.region_home, name="region"),
    path("account/verder/", views.after_login, name="after_login"),
    path("account/niet-verstuurd/", views.unsent, name="unsent"),
    path("account/werkaccount/", sign_on_views.work_accounts, name="work_accounts"),
    path("account/werkaccount/<slug:place>/koppelen/", sign_on_views.connect, name="connect_work_account"),
    path("account/werkaccount/<slug:place>/ontkoppelen/", sign_on_views.disconnect, name="disconnect_work_account"),
    path("<slug:gemeente>/inloggen/", sign_on_views.sign_on, name="sign_on"),
    path("<slug:gemeente>/inloggen/terug/", sign_on_views.sign_on_back, name="sign_on_back"),
    path("<slug:gemeente>/", views.municipality_home, name="municipality_home"),
    path("<slug:gemeente>/startkaart/", views.start_card, name="start_card"),
    *[
        path(
            f"<slug:gemeente>/{page.path}/", views.page, {"template": page.template, "form": page.form}, name=page.name
        )
        for page in PAGES
    ],
    path("<slug:gemeente>/zelf-proberen/herinnering/", reminder_views.remind_me, name="remind_me"),
    path("<slug:gemeente>/zelf-proberen/herinnering.ics", reminder_views.reminder_file, name="reminder_file"),
    path("<slug:gemeente>/afwezig/", views.absences, name="absences"),
    path("<slug:gemeente>/afwezig/<int:membership_id>/", views.absence, name="absence"),
    path("<slug:gemeente>/afwezig/postcode/", views.own_postcode, name="own_postcode"),
    path("<slug:gemeente>/instellingen/", views.settings, name="settings"),
    path("<slug:gemeente>/instellingen/termijn/", views.calendar, name="calendar"),
    path("<slug:gemeente>/instellingen/termijn/dagen/erbij/", views.add_holiday, name="add_holiday"),
    path("<slug:gemeente>/instellingen/termijn/dagen/voorstel/", views.fill_holidays, name="fill_holidays"),
    path("<slug:gemeente>/instellingen/termijn/dagen/weg/", views.remove_holiday, name="remove_holiday"),
    path("<slug:gemeente>/instellingen/mail/", views.try_mail_again, name="try_mail_again"),
    path("<slug:gemeente>/instellingen/mensen/", people_views.people, name="people"),
    path("<slug:gemeente>/instellingen/mensen/uitnodigen/", people_views.invite, name="invite"),
    path("<slug:gemeente>/instellingen/mensen/rechten/", people_views.policy, name="policy"),
    path(
        "<slug:gemeente>/instellingen/mensen/uitnodiging/<int:invitation_id>/intrekken/",
        people_views.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("<slug:gemeente>/instellingen/mensen/<int:membership_id>/", people_views.member, name="member"),
    path("<slug:gemeente>/instellingen/mensen/<int:membership_id>/einde/", people_views.end_member, name="end_member"),
    path("<slug:gemeente>/uitnodiging/<str:token>/", people_views.accept_invitation, name="accept_invitation"),
    path("<slug:gemeente>/instellingen/partners/", partner_views.partners, name="partners"),
    path("<slug:gemeente>/instellingen/partners/nieuw/", partner_views.add_partner, name="add_partner"),
    path(
        "<slug:gemeente>/instellingen/partners/<int:partner_id>/intrekken/",
        partner_views.revoke_partner,
        name="revoke_partner",
    ),
    path(
        "<slug:gemeente>/instellingen/partners/<int:partner_id>/nieuwe-code/",
        partner_views.renew_partner,
        name="renew_partner",
    ),
    path("<slug:gemeente>/instellingen/partners/<int:partner_id>/<slug:size>/", partner_views.poster, name="poster"),
    path(
        "<slug:gemeente>/instellingen/partners/<int:partner_id>/<slug:size>.pdf",
        partner_views.poster_pdf,
        name="poster_pdf",
    ),
    path("<slug:gemeente>/instellingen/huisstijl/", house_style_views.set_house_style, name="set_house_style"),
    path("<slug:gemeente>/instellingen/huisstijl/logo/", house_style_views.set_logo, name="set_logo"),
    path("<slug:gemeente>/instellingen/huisstijl/namen/", house_style_views.set_names, name="set_names"),
    path(
        "<slug:gemeente>/instellingen/huisstijl/voorstel.css", house_style_views.proposed_style, name="proposed_style"
    ),
    path("<slug:gemeente>/instellingen/inbedden/", house_style_views.embedding, name="embedding"),
    path("<slug:gemeente>/huisstijl-<slug:theme_hash>.css", house_style_views.house_style, name="house_style"),
    path("<slug:gemeente>/logo-<slug:logo_hash>.svg", house_style_views.logo, name="logo"),
]
