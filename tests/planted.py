"""Sixty planted identifiers: whatever is stored or logged, none of their secrets may be in it.

All are invented (555-01xx telephones, example.com addresses, numbers that were never issued).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Planted:
    """A sentence as people write it; `secrets` are the substrings that must not survive."""

    language: str
    kind: str
    sentence: str
    secrets: tuple[str, ...]


def _en(kind: str, sentence: str, *secrets: str) -> Planted:
    return Planted("en", kind, sentence, secrets)


def _es(kind: str, sentence: str, *secrets: str) -> Planted:
    return Planted("es", kind, sentence, secrets)


PLANTED: tuple[Planted, ...] = (
    # A-numbers
    _en("A-number", "My A number is A987650123, can I renew DACA?", "987650123"),
    _en("A-number", "it says A 987 650 124 on my old card, is that ok", "987 650 124", "987650124"),
    _en("A-number", "alien number 98765012 and my hearing is in may", "98765012"),
    _en("A-number", "a# 987650125 how do i check my court date", "987650125"),
    # receipts
    _en("receipt", "my receipt IOE0987650126 still says case received", "0987650126", "IOE0987650126"),
    _en("receipt", "can you check ioe 09 8765 0127 please", "09 8765 0127", "0987650127"),
    _en("receipt", "WAC-21-987-65012 has been pending for 9 months", "21-987-65012", "2198765012"),
    # Social Security and taxpayer numbers
    _en("SSN", "my social is 987-65-4321 can ICE see it", "987-65-4321", "987654321"),
    _en("SSN", "ssn 987654322 was printed on my work permit", "987654322"),
    _en("SSN", "I file taxes with my ITIN 987 70 4323", "987 70 4323", "987704323"),
    # telephones
    _en("phone", "call me at (415) 555-0134 when the raid is over", "555-0134", "5550134"),
    _en("phone", "text 415.555.0135 my brother got detained", "415.555.0135", "555.0135"),
    _en("phone", "4155550136 is my cell, who can help me", "4155550136"),
    _en("phone", "my mom is in Mexico +52 55 5550 0137 can she apply", "5550 0137", "55 5550"),
    # e-mails
    _en("e-mail", "send it to rosa.planted@example.com please", "rosa.planted", "rosa.planted@example.com"),
    _en("e-mail", "email me, rosaplanted at example dot com", "rosaplanted"),
    # cards
    _en("card", "can i pay the fee with 4111 1111 1111 1111", "4111 1111", "4111111111111111"),
    _en("card", "they charged 5500-0055-5555-5559 twice for biometrics", "5500-0055", "5555-5559"),
    # addresses
    _en("address", "I moved to 9871 W Plantain St Apt 4, do I tell USCIS?", "9871", "Plantain"),
    _en("address", "ice came to 742 evergreen terrace this morning", "742", "evergreen"),
    _en("address", "my mail goes to P.O. Box 98712, is that allowed", "98712"),
    _en(
        "address", "agents are outside 9873 Plantation Blvd, Houston, TX 77002", "9873", "Plantation", "77002"
    ),
    # names
    _en("name", "my name is rosalinda plantez and i have daca", "rosalinda", "plantez"),
    _en("name", "I'm Rosalba Plantado and I need a lawyer", "Rosalba", "Plantado"),
    _en("name", "This is Rosaura speaking, they took my dad", "Rosaura"),
    _en("name", "his name is eleuterio plantez and he is in detention", "eleuterio", "plantez"),
    _en("name", "My husband Eleuterio was stopped by police", "Eleuterio"),
    # other numbers
    _en("number", "passport G98765012 expires soon, can I travel", "98765012"),
    _en("number", "the online account 987650120012 is locked", "987650120012"),
    _en("number", "my number: four one five five five five zero one three eight", "five five five five zero"),
    # números A
    _es("A-number", "mi numero de extranjero es 987650223, puedo renovar?", "987650223"),
    _es("A-number", "numero A 987-650-224 y tengo corte en mayo", "987-650-224", "987650224"),
    _es("A-number", "A-987-650-225 es el mio, como veo mi caso", "987-650-225", "987650225"),
    _es("A-number", "mi número A es 98765022 según la carta", "98765022"),
    # recibos
    _es("receipt", "mi recibo es IOE0987650226 y no avanza", "0987650226"),
    _es("receipt", "el recibo msc 21 987 65022 dice recibido", "21 987 65022", "2198765022"),
    _es("receipt", "LIN2198765023 que significa ese numero", "2198765023"),
    # seguro social
    _es("SSN", "mi seguro social es 987654421, es seguro darlo?", "987654421"),
    _es("SSN", "mi itin es 987-70-4422 puedo pagar taxes", "987-70-4422", "987704422"),
    _es("SSN", "en mi social sale 987 65 4423 y only valid for work", "987 65 4423", "987654423"),
    # teléfonos
    _es("phone", "llámame al 415 555 0144 por favor", "555 0144", "4155550144"),
    _es("phone", "mi numero es 5550145 agarraron a mi primo", "5550145"),
    _es("phone", "mi mama esta en Mexico +52 1 55 5550 0146", "5550 0146", "55 5550"),
    _es("phone", "en El Salvador marque 7555-0147 para hablar con ella", "7555-0147", "75550147"),
    # correos
    _es("e-mail", "mandalo a lupita_plantada@example.com.mx gracias", "lupita_plantada"),
    _es("e-mail", "mi correo es lupitaplantada arroba gmail punto com", "lupitaplantada"),
    # tarjetas
    _es("card", "puedo pagar con 3782 822463 10005 la cuota", "3782 822463", "822463"),
    # direcciones
    _es("address", "vivo en la calle Plantanar 9881 y vino la migra", "Plantanar", "9881"),
    _es("address", "estan en calle 5 de mayo #9882 ahora mismo", "9882", "5 de mayo"),
    _es("address", "me mude a avenida los platanares 9883, aviso a uscis?", "platanares", "9883"),
    _es("address", "mi correspondencia llega al apartado postal 98842", "98842"),
    _es("address", "vivo en 9885 Platanero Ave Apt 2B", "9885", "Platanero"),
    # nombres
    _es("name", "me llamo guadalupe plantada y mi daca vence en mayo", "guadalupe", "plantada"),
    _es("name", "Mi nombre es María de la Planta Sembrada, tengo una duda", "María", "Planta", "Sembrada"),
    _es("name", "Soy Eleazar Plantado, ¿puedo viajar?", "Eleazar", "Plantado"),
    _es("name", "mi hijo se llama eleazar plantado y nacio aqui", "eleazar", "plantado"),
    _es("name", "le habla Guadalupe Plantada de Houston", "Guadalupe", "Plantada"),
    # otros números
    _es("number", "mi matricula consular 98765031 sirve para abrir cuenta?", "98765031"),
    _es("number", "el DUI 09876503-2 de mi esposa ya vencio", "09876503-2", "09876503"),
    _es("number", "mi CURP es PLAG900101MDFLNR09 me la piden", "PLAG900101", "PLAG900101MDFLNR09"),
)
