"""One walk through everything that the portal does with what people write; by its pages, as people would."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from municipalities import outbox
from municipalities.actions import create_municipality, create_user
from municipalities.models import OutboxMessage
from municipalities.permissions import Role
from municipalities.tenancy import tenant
from signals.models import Signal
from tests.canary.visitor import Visitor
from tests.fake_provider import report

STAFF = (Role.COORDINATOR, Role.WORKER, Role.MANAGER, Role.PRIVACY_OFFICER, Role.PLATFORM_ADMIN)


@dataclass
class Places:
    """A municipality that has all the time, and one in which every signal is late at once."""

    calm: object
    hasty: object
    people: dict
    password: str

    @classmethod
    def made(cls, flock):
        calm, _made = create_municipality(slug="dorp", name="Dorp")
        hasty, _made = create_municipality(slug="haast", name="Haast", response_window=timedelta(seconds=1))
        password = flock("password", "Samen {} aanbellen")
        people = {}
        for role in STAFF:
            known = {"email": flock(f"{role} address", "{}@dorp.example"), "name": flock(role, "Wil <{}> d'Úlst")}
            for place in (calm, hasty):
                who = known | {"organisation": "Welzijn" if role == Role.WORKER else "", "password": password}
                people[role], _made = create_user(municipality=place, role=role, **who)
        return cls(calm, hasty, people, password)


class Journey:
    def __init__(self, stage, flock, places):
        self.stage, self.flock, self.places = stage, flock, places
        self.logged_in, self.codes, self.closed = {}, {}, set()

    # -- the public form

    def report(self, slug, about, **who):
        """Fill the form in to its end; returns the reference. The key of the draft and the code are secrets."""
        visitor = Visitor(self.stage).get("/").get(f"/{slug}/").get(f"/{slug}/signaal/").post(about=about)
        draft = visitor.url.split("/")[-3]
        self.secret("draft", draft)
        visitor.post(signs="sad", story=self.flock("story", "Zij is <{}> & 'éénzaam'\nsinds kort"))
        visitor.post(**self.flock.reporter(may_call="on", **who))
        name = {} if about == "self" else {"person_name": self.flock("resident", 'Jan "{}" de Wït')}
        visitor.post(**self.flock.person(), **name)
        assert visitor.url.endswith("/controleren/")
        visitor.get(f"/{slug}/signaal/{draft}/zorg/").get(f"/{slug}/signaal/{draft}/controleren/").post()
        assert visitor.url.endswith("/bedankt/")
        code = visitor.find(r"(\d{4} \d{4} \d{4} \d{4})")
        self.secret("receipt code", code)
        reference = visitor.find(r"(SP-\d{4}-\w{6})")
        visitor.get(f"/{slug}/status/").post(code=code)
        assert reference in visitor.page
        self.codes[reference] = code
        return reference

    def give_up(self, slug):
        """A form that is never sent."""
        visitor = Visitor(self.stage).get(f"/{slug}/signaal/").post(about="other")
        self.secret("draft", visitor.url.split("/")[-3])
        visitor.post(signs="", story=self.flock("story of a draft", "Nooit verstuurd: {}"))

    def try_first(self, slug):
        """Somebody who only wants to be reminded in a week."""
        address = self.flock("address for a reminder", "{}@herinnering.example")
        Visitor(self.stage).get(f"/{slug}/zelf-proberen/").post(f"/{slug}/zelf-proberen/herinnering/", email=address)

    def secret(self, name, text):
        """What opens something for whoever has it: it stands in addresses, and may stand nowhere else."""
        self.flock.add(f"secret: {name}", text)
        if name == "draft":
            self.flock.add(f"secret: {name}", text.replace("-", ""))

    def confirm(self):
        """A reporter says that the address is theirs, with the link in a receipt mail; and somebody tries another."""
        link = self.link_in("/dorp/e-mail-bevestigen/")
        visitor = Visitor(self.stage).get(link).post()
        visitor.get(link.replace("bevestigen/", "bevestigen/9"), expect=404)

    # -- the staff

    def staff(self, role):
        if role not in self.logged_in:
            visitor = Visitor(self.stage).log_in(self.places.people[role], self.places.password)
            self.logged_in[role] = visitor
            self.secret("session", visitor.browser.cookies["session"])
        return self.logged_in[role]

    def follow_up(self, reference):
        """Given, taken on, tried, corrected, paused, and visited."""
        page = f"/dorp/signalen/{reference}/"
        coordinator, worker = self.staff(Role.COORDINATOR), self.staff(Role.WORKER)
        self.assign(reference)
        worker.get("/dorp/vandaag/").get(page).post(f"{page}oppakken/")
        worker.get(f"{page}melder/")
        self.contact(worker, f"{page}contact/", kind="phone", result="no_answer")
        self.contact(worker, f"{page}contact/{worker.find(r'contact/([0-9a-f-]{36})/')}/verbeteren/", kind="letter")
        until = timezone.localtime(timezone.now() + timedelta(days=2))
        coordinator.get(f"{page}pauze/").post(reason="hospital", until=f"{until:%Y-%m-%dT%H:%M}")
        coordinator.get(page).post(f"{page}pauze/voorbij/")
        self.contact(worker, f"{page}contact/", kind="home_visit", result="spoken")
        coordinator.get(page).post(f"{page}sluiten/", reason="helped")
        self.closed.add(reference)

    def assign(self, reference):
        page = f"/dorp/signalen/{reference}/"
        coordinator = self.staff(Role.COORDINATOR).get("/dorp/signalen/").get(page)
        coordinator.post(f"{page}toewijzen/", worker=self.places.people[Role.WORKER].pk)

    def contact(self, visitor, path, *, kind, result="left_message"):
        visitor.get(path)
        now = timezone.localtime()
        note = self.flock("note", "Zij zei: «{}» & <zwaaide>")
        visitor.post(kind=kind, result=result, occurred_at=f"{now:%Y-%m-%dT%H:%M}", note=note, next_step="")
        assert visitor.url.endswith(f"/{path.split('/')[3]}/"), visitor.page[:3000]

    def acknowledge_late(self, reference):
        """The visit is late, mail went out, and a coordinator sees to it."""
        self.stage.until(lambda: self.stage.mailed(f"/haast/signalen/{reference}/"))
        until = timezone.localtime(timezone.now() + timedelta(hours=3))
        coordinator = self.staff(Role.COORDINATOR).get("/haast/te-laat/")
        coordinator.post(f"/haast/te-laat/{reference}/", **{f"{reference}-until": f"{until:%Y-%m-%dT%H:%M}"})

    def protect(self, reference):
        """Behind glass, opened with a reason; and a colleague who says in which postcode they live."""
        page, coordinator = f"/dorp/signalen/{reference}/", self.staff(Role.COORDINATOR)
        coordinator.get(page).post(f"{page}afschermen/", reason="known")
        coordinator.get(page).post(f"{page}openen/", reason="deciding")
        coordinator.get("/dorp/afwezig/postcode/").post(postcode=self.flock.postcode())
        self.staff(Role.PRIVACY_OFFICER).get("/dorp/afgeschermd/")

    def ask_about_data(self, reference):
        """The person says what is wrong and sees their dossier, and the reporter sees and changes their own data."""
        page, coordinator, worker = (
            f"/dorp/signalen/{reference}/",
            self.staff(Role.COORDINATOR),
            self.staff(Role.WORKER),
        )
        said = {"wrong": self.flock("wrong", "Ik heb geen <{}>"), "right": self.flock("right", "Wel een 'één' {}")}
        worker.get(f"{page}niet-juist/").post(about="reported", **said)
        right = self.flock.person() | {"person_name": self.flock("right name", "Jan {} de Wit")}
        coordinator.get(f"{page}gegevens/").post(**right)
        coordinator.get(f"{page}wie-keek/")
        Visitor(self.stage).get("/dorp/status/").post("/dorp/mijn-gegevens/", code=self.codes[reference])
        reporter = Visitor(self.stage).get(self.link_in("/dorp/mijn-gegevens/")).post()
        reporter.post(**self.flock.reporter())
        today = f"{timezone.localdate():%Y-%m-%d}"
        coordinator.get(f"{page}inzage/").post(channel="letter", identity="known", asked_on=today)
        request = coordinator.url.removesuffix("voorbereiden/")
        assert request.endswith("/"), coordinator.url
        coordinator.post()
        officer = self.staff(Role.PRIVACY_OFFICER).get("/dorp/verzoeken/").get(request)
        known = {name: officer.find(rf'name="{name}" value="([^"]+)"') for name in ("draft_id", "sha256")}
        officer.post(approved="yes", **known)
        for form in ("", "json/", "pdf/"):
            coordinator.get(f"{request}document/{form}")
            assert coordinator.url.endswith(f"document/{form}")

    def look_at_who_looked(self):
        officer = self.staff(Role.PRIVACY_OFFICER)
        for path in ("", "bestand/", "opvallend/"):
            officer.get(f"/dorp/leeslog/{path}")
        self.staff(Role.PLATFORM_ADMIN).get("/account/verder/")

    def invite(self):
        """A colleague is asked by mail, and chooses a password."""
        manager, base = self.staff(Role.MANAGER), "/dorp/instellingen/mensen/"
        email = self.flock("invited address", "{}@dorp.example")
        manager.get(f"{base}uitnodigen/").post(email=email, name=self.flock("invited", "Noor {}"), role="manager")
        link = self.link_in("/dorp/uitnodiging/")
        Visitor(self.stage).get(link).post(password=self.flock("chosen password", "Een lange {} zin"))

    def forget_password(self):
        worker = self.places.people[Role.WORKER]
        Visitor(self.stage).get("/account/wachtwoord/vergeten/").post(email=worker.email)
        new = self.flock("new password", "Weer een lange {} zin")
        visitor = Visitor(self.stage).get(self.link_in("/account/wachtwoord/nieuw/"))
        visitor.post(password1=new, password2=new)
        assert visitor.url.endswith("/klaar/"), visitor.page[:3000]

    def link_in(self, part):
        """The link in the first mail that has such a one; it is for the addressee, so mail may hold it."""
        mail = self.stage.until(lambda: self.stage.mailed(part))
        link = next(word for word in mail["text"].split() if part in word)
        self.flock.add("secret in mail: link", link.rstrip("/").rpartition("/")[2])
        return link

    def write_later(self, reference):
        """The reporter adds something, wants to withdraw, and after closing is still worried."""
        for page in ("toevoegen", "intrekken") if reference not in self.closed else ("zorgen",):
            visitor = Visitor(self.stage).get("/dorp/status/").post(code=self.codes[reference])
            visitor.post(f"/dorp/status/{page}/", code=self.codes[reference])
            text = self.flock("afterword", "Nog <{}> dit & 'dat'")
            visitor.post(f"/dorp/status/{page}/", code=self.codes[reference], send="1", text=text)
        self.staff(Role.COORDINATOR).get("/dorp/signalen/").get(f"/dorp/signalen/{reference}/")

    # -- the mail provider

    def hear_from_provider(self):
        """It reports that one mail to the staff arrived and that another bounced, both with the address in it."""
        with tenant(self.places.hasty.pk):
            second = self.flock("second address", "{}@dorp.example")
            known = {"recipient": self.places.people[Role.COORDINATOR].email, "second_recipient": second}
            outbox.queue([outbox.message(self.places.hasty, "mail_check", key="kanarie", **known)])
            mails = list(OutboxMessage.objects.filter(template="escalation", recipient=known["recipient"]))
        for mail, event in zip(mails * 2, ("delivered", "failed"), strict=False):
            told = report(mail, event, message_id=f"<outbox-{mail.pk}@127.0.0.1>")
            answer = Visitor(self.stage).browser.post(f"{self.stage.url}/mail/gebeurtenissen/", json=told)
            assert answer.status_code == 200

    # -- what goes wrong

    def go_wrong(self, place, reference, faults):
        """Every page that fails, a task that fails, and visitors who put personal data where it does not belong."""
        self.walk_into(place, reference, faults)
        with tenant(place.pk):
            signal = Signal.objects.get(reference=reference)
        self.stage.ask("canary.fail", place.pk, str(signal.pk))
        self.misplace()

    def walk_into(self, place, reference, faults):
        visitor = Visitor(self.stage)
        for fault in faults:
            visitor.get(f"/proef/{place.slug}/{fault}/{reference}/", expect=503 if "timeout" in fault else 500)

    def misplace(self):
        """A host, an address, a Referer, a cookie and a body that nobody should send, as strangers do."""
        word, url, ask = self.flock("misplaced"), self.stage.url, Visitor(self.stage).browser
        token = {"csrfmiddlewaretoken": "x" * 32}
        tries = (
            ask.get(url, headers={"Host": f"{word}.example"}),
            ask.get(f"{url}/dorp/signaal/{word}/?{word}"),
            ask.post(
                f"{url}/account/inloggen/", token | {"login": word}, headers={"Referer": f"http://{word}.example"}
            ),
            ask.post(f"{url}/dorp/status/", {"code": word * 10_000}),
            ask.get(f"{url}/dorp/signalen/", headers={"Cookie": f"session={word}", "User-Agent": word}),
        )
        assert [answer.status_code for answer in tries[:4]] == [400, 404, 403, 400]
