"""What the document explains besides the data themselves (GDPR art. 15(1)), in plain words."""

from django.utils.translation import gettext as _

from followup.models import RetentionTerm


def left_out():
    return _("[left out: to protect somebody else, art. 15(4) GDPR]")


def explanations(municipality):
    """[{title, text}], in the language of the moment."""
    name = {"name": municipality.name}
    pairs = (
        (_("Why we keep this"), _why() % name),
        (_("Where it comes from"), _source()),
        (_("Who sees it"), _who() % name),
        (_("How long we keep it"), _term() % _days(municipality)),
        (_("What is left out"), _gaps() % {"mark": left_out()}),
        (_("What you can do"), _rights() % name),
    )
    return [{"title": title, "text": text} for title, text in pairs]


def _why():
    return _(
        "Somebody was worried about you and told us, or you told us yourself. %(name)s keeps this to be able to come "
        "by and ask how you are. That is a task of the municipality under the Social Support Act (Wmo 2015)."
    )


def _source():
    return _(
        "From what was reported, and from what our people wrote down after they spoke with you or came by. We asked no "
        "other register."
    )


def _who():
    return _(
        "The coordinator of %(name)s and the welfare worker who comes by. At the end of this paper you see on which "
        "day somebody opened your dossier, and in which role. Names of our people are left out: what matters is "
        "whether somebody with that role had a reason to look. Do you think somebody looked without a reason? Tell us, "
        "and we find out who it was. Lists on which your address stood among others are not counted."
    )


def _term():
    return _(
        "Between %(least)s and %(most)s days after the last signal is closed; that depends on how it ended. Longer "
        "only when that is needed for a complaint or a procedure."
    )


def _days(municipality):
    days = [term.days for term in RetentionTerm.all_of(municipality).values()]
    return {"least": min(days), "most": max(days)}


def _gaps():
    return _(
        "Where you read “%(mark)s” we left out words by which you could recognise somebody else. The law asks us to "
        "weigh that, and two people looked at it. Do you not agree? Tell us, or complain to the Dutch Data Protection "
        "Authority."
    )


def _rights():
    return _(
        "You may say what is wrong, so that we put it right beside it. You may ask us to stop, to stay away or to "
        "remove your data. Call or write to %(name)s. You may also complain to the Dutch Data Protection Authority "
        "(autoriteitpersoonsgegevens.nl)."
    )
