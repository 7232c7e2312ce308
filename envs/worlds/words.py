"""Invented proper names, people, places, codes and dates: wide on purpose, so that a policy must copy, not recall."""

from random import Random

_ONSETS = """
b br c cl cr d dr f fl fr g gl gr h j k kr l m n p pl pr qu r s sh sl sp st t th tr v w z
"""
ONSETS = _ONSETS.split()
_VOWELS = """
a e i o u ai ea ee ia io oa ou
"""
VOWELS = _VOWELS.split()
_CODAS = """
l ld lm ln m n nd ng nk r rd rk rn rt s sk st t th x
"""
CODAS = _CODAS.split()
_ENDINGS = """
a ar as el en er ia in is o on or os us y wick ford dale mere holt ton
"""
ENDINGS = _ENDINGS.split()
_FIRST_NAMES = """
Ada Alma Amir Anouk Arjun Asta Bela Boris Bruno Carla Chidi Clara Dario Dina Edda Elif Emre Esther Fatima Felix
Freya Gina Goran Hana Hugo Ida Igor Ines Ivo Jana Jonas Kaito Karim Kira Lars Leila Lena Luca Mae Malik Mara Mateo
Mila Nadia Nils Nina Noor Olga Omar Otto Paula Petra Rafael Rosa Ruben Sami Sara Selma Sven Tara Theo Tomas Uma Vera
Viktor Wanda Yara Yusuf Zara Zoe
"""
FIRST_NAMES = _FIRST_NAMES.split()


def invented(rng: Random, syllables: int = 2) -> str:
    """One invented lower-case word, such as `talvora`."""
    body = "".join(
        rng.choice(ONSETS) + rng.choice(VOWELS) + (rng.choice(CODAS) if rng.random() < 0.4 else "")
        for _ in range(syllables - 1)
    )
    return body + rng.choice(ONSETS) + rng.choice(ENDINGS)


def proper_name(rng: Random) -> str:
    """A proper name of one or two words."""
    name = invented(rng, rng.choice((2, 2, 3))).capitalize()
    return name if rng.random() < 0.7 else f"{name} {invented(rng).capitalize()}"


def person(rng: Random) -> str:
    return f"{rng.choice(FIRST_NAMES)} {invented(rng).capitalize()}"


def place(rng: Random) -> str:
    return invented(rng).capitalize()


def code(rng: Random) -> str:
    letters = "ABCDEFGHJKLMNPRSTVWXZ"
    return f"{rng.choice(letters)}{rng.choice(letters)}-{rng.randint(100, 999)}"


def date(rng: Random) -> str:
    return f"{rng.randint(2018, 2024)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
