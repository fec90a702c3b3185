"""SMS and WhatsApp: real signed webhooks, made with Twilio's own library, against the real server."""

from __future__ import annotations

import gc
import itertools
import threading
import time
import urllib.request
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.twilio.channel import PATH
from bot.channels.twilio.phone import Delivered
from bot.segments import segments_of
from tests.system.conftest import SOAK, Server

SILENCE: tuple[str, ...] = ()

#: Numbers of phones in the script; none was ever given to anybody (555-01xx).
ANA, LUIS, KIM, ROSA, SAM, EVA = (f"+1415555010{n}" for n in range(6))

Exchange = tuple[str, str, dict[str, str], tuple[str, ...]]


def sms(number: str, text: str, *expected: str, **fields: str) -> Exchange:
    return number, text, fields, expected


def whatsapp(number: str, text: str, *expected: str, **fields: str) -> Exchange:
    return f"whatsapp:{number}", text, fields, expected


#: Who writes what, and what the reply must hold; nothing means that there is none.
SCRIPT: tuple[Exchange, ...] = (
    # First contact in Spanish: the warnings and the answer.
    sms(ANA, "cuando renuevo mi daca", "No escriba nombres", "150"),
    # Only once; no accents, the spelling of texting; matched with the first message in view.
    sms(ANA, "y cuanto cuesta", "$"),
    sms(ANA, "mas", "(1/"),
    sms(ANA, "MÁS", "(2/"),
    # A command is one only when it is the whole message.
    sms(ANA, "como paro a ice si quiere entrar a mi casa", "juez"),
    sms(ANA, "ayuda", "ALTO"),
    sms(ANA, "menú", "1) DACA"),
    sms(ANA, "1", "1)"),
    sms(ANA, "la 2", "a"),
    sms(ANA, "ALTO", "COMENZAR"),
    # Who wants no more messages gets none, but for first steps.
    sms(ANA, "cuanto cuesta el permiso", *SILENCE),
    sms(ANA, "la migra esta tocando la puerta ahorita", "No abra"),
    sms(ANA, "comenzar", "preguntar otra vez"),
    sms(ANA, "quién eres", "asistente"),
    # First contact in English.
    sms(LUIS, "can ice come in my house", "A-numbers", "judge"),
    sms(LUIS, "what if they have a warrant", "judge"),
    sms(LUIS, "MORE", "(1/"),
    # What Twilio answers by itself gets nothing more.
    sms(LUIS, "STOP", *SILENCE),
    sms(LUIS, "when do i renew my daca", *SILENCE),
    sms(LUIS, "START", *SILENCE),
    sms(LUIS, "when do i renew my daca", "150"),
    sms(LUIS, "HELP", *SILENCE),
    sms(LUIS, "info", *SILENCE),
    # Twilio says which word it handled, whatever the words are set to there.
    sms(LUIS, "basta", *SILENCE, OptOutType="STOP"),
    sms(LUIS, "what is daca", *SILENCE),
    sms(LUIS, "otra vez", *SILENCE, OptOutType="START"),
    sms(LUIS, "what is daca", "DACA"),
    # All capitals; voice to text without a mark; Spanglish.
    sms(KIM, "CAN MY BOSS ASK FOR MY PAPERS AGAIN", "employer"),
    sms(
        KIM,
        "hey so um my brother got picked up by ice this morning at work and we dont know where",
        "locator",
    ),
    sms(KIM, "necesito un lawyer pero no tengo money", "immigrationlawhelp"),
    sms(KIM, "talk to a person", "1-8"),
    sms(KIM, "SOS", "not 911"),
    sms(KIM, "911", "911"),
    sms(KIM, "delete", "erased"),
    # After an erasure it is a first contact again.
    sms(KIM, "hello", "Not a lawyer"),
    # Pictures, voice notes, places, contacts: nothing of them is opened or kept.
    sms(ROSA, "", "fotos", "pictures", NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0="https://x"),
    sms(ROSA, "cuando renuevo mi daca", "150", "No abri", NumMedia="1", MediaContentType0="image/jpeg"),
    sms(ROSA, "", "contacto", NumMedia="1", MediaContentType0="text/x-vcard"),
    whatsapp(ROSA, "", "ubicación", Latitude="29.76", Longitude="-95.36", MessageType="location"),
    whatsapp(ROSA, "", "notas de voz", NumMedia="1", MediaContentType0="audio/ogg", MessageType="audio"),
    whatsapp(ROSA, "", "fotos", NumMedia="1", MediaContentType0="image/webp", MessageType="sticker"),
    whatsapp(ROSA, "", "contacto", NumMedia="1", MessageType="contacts"),
    whatsapp(ROSA, "👍", *SILENCE, MessageType="reaction"),
    # The same number on WhatsApp is somebody else: nobody can link the two.
    whatsapp(ROSA, "¿Cuándo debo renovar mi DACA?", "150", "*Fuentes*"),
    whatsapp(ROSA, "STOP", "llegarán", "COMENZAR"),
    whatsapp(ROSA, "start", "otra vez"),
    whatsapp(ROSA, "AYUDA", "BORRAR"),
    whatsapp(ROSA, "Borrar", "borraron"),
    # Reactions and edits as phones write them over SMS.
    sms(SAM, "Liked “hello”", *SILENCE),
    sms(SAM, "Edited to “what is advance parole”", "parole"),
    # Characters of every width, half ones, and nothing at all arrive unharmed.
    sms(SAM, "🙏🙏", "words"),
    sms(SAM, "", "words"),
    sms(SAM, "¿qué es DACA? ñandú 🌵 \U0001f468\u200d\U0001f469", "DACA"),
    sms(SAM, "\x00\x07 what is daca", "DACA"),
    sms(SAM, "when do i renew? " * 90, "renew my DACA"),
    sms(SAM, "x" * 9000, "too long"),
    # Another language, in its own words.
    sms(EVA, "eu preciso de ajuda com meus documentos, não falo inglês nem espanhol", "inglês"),
    # Commands of Rasa are only text.
    sms(EVA, "/restart", ""),
    # A guided report, which only the last of these ends.
    sms(EVA, "i want to report my boss", "1/6", "EXIT"),
    sms(EVA, "he did not pay me", "2/6"),
    sms(EVA, "exit", "stop here"),
    # Reports on the delivery of our own messages, and a message without a sender.
    sms(EVA, "", *SILENCE, MessageStatus="delivered", SmsStatus="delivered"),
    sms("", "hello", *SILENCE),
)


def test_the_script(server: Server) -> None:
    assert len(SCRIPT) >= 60
    wrong = []
    for number, text, fields, expected in SCRIPT:
        phone = server.phone(number)
        delivered = phone.send(text, **fields)
        assert delivered.status == 200, (text, delivered)
        said = "\n".join(delivered.texts)
        if not expected and delivered.texts:
            wrong.append((text, "silence", said))
        wrong += [(text, part, said) for part in expected if part not in said or not said]
        if not number.startswith("whatsapp"):
            wrong += [(text, "segments", t) for t in delivered.texts if segments_of(t) > 4]
    assert not wrong, "\n\n".join(map(repr, wrong))


def test_no_number_is_kept_in_any_form(server: Server) -> None:
    phone = server.phone("+14155550187")
    phone.send("cuando renuevo mi daca")
    phone.send("llámame al 415-555-0187")
    time.sleep(0.5)
    forms = [b"4155550187", b"415-555-0187", b"415 555 0187", b"5550187", b"555-0187"]
    forms += [number.removeprefix("+1").encode() for number in (ANA, LUIS, KIM, ROSA, SAM, EVA)]
    files = [path for path in server.data.rglob("*") if path.is_file()]
    assert any(path.suffix in (".sqlite3", ".sqlite3-wal") for path in files)
    found = [(path.name, form) for path in files for form in forms if form in path.read_bytes()]
    assert found == []


def test_a_repeat_gets_the_same_reply_and_counts_once(server: Server) -> None:
    phone = server.phone("+14155550110")
    first = phone.send("what is daca", MessageSid="SM-again")
    assert phone.send("what is daca", MessageSid="SM-again") == first
    assert phone.send("what is daca", MessageSid="SM-another") != first  # no first contact any more


def test_repeats_at_the_same_time_count_once(server: Server) -> None:
    phone = server.phone("+14155550111")
    replies: list[Delivered] = []
    threads = [
        threading.Thread(target=lambda: replies.append(phone.send("que es daca", MessageSid="SM-twins")))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(replies)) == 1


@pytest.mark.parametrize(
    ("signature", "form"),
    [
        ("", {"From": "+14155550112", "Body": "what is daca"}),  # none
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAA=", {"From": "+14155550112", "Body": "what is daca"}),  # a wrong one
        ("ñ", {"From": "+14155550112"}),  # no ASCII
    ],
)
def test_nothing_unsigned_is_answered(server: Server, signature: str, form: dict[str, str]) -> None:
    assert server.phone("+14155550112").post(form, signature.encode().decode("latin-1")) == Delivered(403, ())


def test_a_signature_for_another_body_or_address_is_refused(server: Server) -> None:
    phone = server.phone("+14155550113")
    form = {"From": "+14155550113", "Body": "what is daca"}
    signature = phone._validator.compute_signature(server.url + PATH, form)
    assert phone.post(form, signature).status == 200
    assert phone.post({**form, "Body": "borrar"}, signature).status == 403
    elsewhere = phone._validator.compute_signature("https://evil.example" + PATH, form)
    assert phone.post(form, elsewhere).status == 403


def test_the_signature_is_for_the_public_address_whatever_the_proxy_says(server: Server) -> None:
    phone = server.phone("+14155550114")
    form = {"From": "+14155550114", "Body": "hola"}
    request = urllib.request.Request(server.url + PATH, b"From=%2B14155550114&Body=hola", method="POST")
    request.add_header("X-Twilio-Signature", phone._validator.compute_signature(server.url + PATH, form))
    request.add_header("X-Forwarded-Host", "inner.example")
    request.add_header("X-Forwarded-Proto", "http")
    request.add_header("Host", "inner.example")
    with urllib.request.urlopen(request) as response:
        assert response.status == 200


def test_too_large_a_body_is_refused(server: Server) -> None:
    assert server.phone("+14155550115").send("x" * 70_000).status == 413


def test_over_the_limit_first_steps_still_come(server: Server) -> None:
    phone = server.phone("+14155550116")
    replies = [phone.send("what is daca").texts for _ in range(30)]
    assert any("later" in "".join(texts) for texts in replies)
    assert replies[-1] == ()  # explained once
    urgent = phone.send("ice is at my door").texts
    assert len(urgent) == 1
    assert segments_of(urgent[0]) == 1
    assert "911" in urgent[0]
    assert "+1415" not in server.log.read_text()
    assert "over the limit (sender)" in server.log.read_text()


def test_a_burst_is_answered_whole_and_in_order(server: Server) -> None:
    """300 messages at once from 100 phones: each gets its answer or "one moment" within 10 s."""
    questions = ["que es daca", "cuanto cuesta renovar", "borrar"]
    said: dict[int, list[Sequence[str]]] = {}
    slow = []

    def text(n: int) -> None:
        phone = server.phone(f"+1415556{n:04}")
        for question in questions:
            start = time.monotonic()
            said.setdefault(n, []).append(phone.send(question).texts)
            if time.monotonic() - start > 10:
                slow.append(n)

    threads = [threading.Thread(target=text, args=(n,)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slow == []
    assert len(said) == 100
    for replies in said.values():
        assert all(replies), replies
        assert "borr" in replies[2][-1]


def test_replies_are_quick(server: Server) -> None:
    """At ten messages a second 95 of 100 replies take 150 ms at most; the best of three tries."""
    # What earlier tests left in this process is not to be collected while the server is measured.
    gc.collect()
    gc.freeze()
    questions = ["que es daca", "can ice come in", "cuanto cuesta renovar", "gracias", "quien me ayuda"]

    senders = itertools.count()

    def slowest() -> float:
        taken: list[float] = []

        def text(n: int) -> None:
            # Somebody new each time, in each try: an answer in view of another costs more.
            phone = server.phone(f"+1415558{next(senders):04}")
            start = time.monotonic()
            assert phone.send(questions[n % len(questions)]).texts
            taken.append(time.monotonic() - start)

        threads = []
        for n in range(100):
            threads.append(threading.Thread(target=text, args=(n,)))
            threads[-1].start()
            time.sleep(0.1)
        for thread in threads:
            thread.join()
        assert len(taken) == 100
        return sorted(taken)[94]

    assert any(slowest() <= 0.15 for _ in range(3))


_NUMBERS = (f"+1415557{n:04}" for n in itertools.count())
_TEXTS = st.one_of(
    st.text(max_size=200),
    st.sampled_from(("STOP", "ALTO", "911", "borrar", "mas", "2", "hola", "what is daca", "/restart", "{}")),
)
_FORMS = st.dictionaries(
    st.sampled_from(
        (
            "Body", "NumMedia", "MediaContentType0", "Latitude", "Longitude", "OptOutType", "MessageStatus",
            "SmsStatus", "MessageType", "ButtonText", "MessageSid", "SmsSid", "FromCity", "NumSegments", "To",
        )
    ),
    _TEXTS,
    max_size=8,
)  # fmt: skip
_ENCODABLE = {"suppress_health_check": [HealthCheck.too_slow], "deadline": None}


@settings(max_examples=1500 * SOAK, **_ENCODABLE)  # type: ignore[arg-type]
@given(form=_FORMS)
def test_whatever_is_signed_gets_sound_twiml(server: Server, form: dict[str, Any]) -> None:
    form = {k: v.encode("utf-8", "replace").decode() for k, v in form.items()}
    delivered = server.phone("").post({"From": next(_NUMBERS), **form})
    assert delivered.status == 200


@settings(max_examples=500 * SOAK, **_ENCODABLE)  # type: ignore[arg-type]
@given(body=st.binary(max_size=400), signature=st.text(alphabet="ABCabc/+=019", max_size=30))
def test_whatever_is_not_signed_is_refused(server: Server, body: bytes, signature: str) -> None:
    request = urllib.request.Request(server.url + PATH, body, method="POST")
    request.add_header("X-Twilio-Signature", signature)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code in (400, 403)
