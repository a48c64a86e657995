"""The tag `url` as Django has it, for pages that keep to the visitor's language. Loaded everywhere, by the settings."""

from django import template
from django.template import defaulttags

from municipalities import languages

register = template.Library()
register.filter("also", languages.also)


class AddressNode(defaulttags.URLNode):
    def render(self, context):
        rendered = super().render(context)
        if self.asvar:
            context[self.asvar] = languages.carried(context[self.asvar])
            return rendered
        return languages.carried(rendered)


@register.tag
def url(parser, token):
    """As Django's, and the page that it leads to speaks the language of this one."""
    node = defaulttags.url(parser, token)
    return AddressNode(node.view_name, node.args, node.kwargs, node.asvar)
