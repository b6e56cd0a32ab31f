"""Common names of voices, of the form TAG-NameNeural: many clients have them in their settings. Pure.

An engine may have a voice of that very name. Where none has, the name still says a language and a gender, and
a voice of the mesh that has both stands for it.
"""

import re
from dataclasses import dataclass

from dragoman_contract.languages import LONGEST, base, canonical

GENDERS = ("male", "female")
LONGEST_NAME = 100  # characters
_FORM = re.compile(
    r"(?P<tag>[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){1,3})-(?P<name>[A-Za-z0-9]{1,40}?)"
    r"(Turbo|Dialects|Multilingual)*(V[0-9])?(:[A-Za-z0-9]{1,40})?Neural"
)
# First names of the usual languages, men's and women's.
_NAMES = {
    "ar": (
        "Abdullah Ali Bassel Fahed Hamdan Hamed Hedi Ismael Jamal Laith Moaz Omar Rami Saleh Shakir Taim",
        "Amal Amany Amina Aysha Fatima Iman Laila Layla Maryam Mouna Noura Rana Reem Salma Sana Zariyah",
    ),
    "bg": ("Borislav", "Kalina"),
    "bn": ("Bashkar Pradeep", "Nabanita Tanishaa"),
    "ca": ("Enric", "Alba Joana"),
    "cs": ("Antonin", "Vlasta"),
    "da": ("Jeppe", "Christel"),
    "de": (
        "Bernd Christoph Conrad Florian Jan Jonas Kasper Killian Klaus Ralf",
        "Amala Elke Gisela Ingrid Katja Klarissa Leni Louisa Maja Seraphina Tanja",
    ),
    "el": ("Nestoras", "Athina"),
    "en": (
        "Aarav Abeo Adam Alfie Andrew Arjun Brandon Brian Chilemba Christopher Connor Darren Davis"
        " Derek Duncan Dustin Elimu Elliot Eric Ethan Guy Jacob James Jason Kai Ken Kunal Lewis Liam"
        " Luke Mitchell Neil Noah Oliver Ollie Prabhat Rehaan Roger Ryan Sam Samuel Steffan Thomas Tim"
        " Tony Wayne William",
        "Aarti Aashi Abbi Ada Amanda Amber Ana Ananya Annette Aria Ashley Asilia Ava Bella Carly"
        " Clara Cora Elizabeth Elsie Emily Emma Evelyn Ezinne Freya Hollie Imani Jane Jenny Joanne"
        " Kavya Kim Leah Libby Lola Luna Maisie Michelle Molly Monica Nancy Natasha Neerja Olivia"
        " Phoebe Rosa Sara Serena Sonia Tina Yan",
    ),
    "es": (
        "Alex Alonso Alvaro Andres Arnau Carlos Cecilio Dario Elias Emilio Federico Gerardo Gonzalo"
        " Javier Jorge Juan Liberto Lorenzo Luciano Luis Manuel Marcelo Mario Mateo Nil Pelayo Rodrigo"
        " Roberto Saul Sebastian Teo Tomas Tristan Victor Yago",
        "Abril Andrea Beatriz Belkys Camila Candela Carlota Catalina Dalia Elena Elvira Estrella"
        " Irene Karina Karla Laia Larissa Lia Lorena Margarita Maria Marina Marta Nuria Paloma Paola"
        " Ramona Renata Salome Sofia Tania Teresa Triana Valentina Vera Ximena Yolanda",
    ),
    "et": ("Kert", "Anu"),
    "fa": ("Farid", "Dilara"),
    "fi": ("Harri", "Noora Selma"),
    "fil": ("Angelo", "Blessica"),
    "fr": (
        "Alain Antoine Claude Fabrice Gerard Henri Jean Jerome Lucien Maurice Remy Thierry Yves",
        "Ariane Brigitte Celeste Charline Coralie Denise Eloise Jacqueline Josephine Sylvie Vivienne Yvette",
    ),
    "gu": ("Niranjan", "Dhwani"),
    "he": ("Avri", "Hila"),
    "hi": ("Aarav Arjun Kunal Madhur Rehaan", "Aarti Ananya Kavya Swara"),
    "hr": ("Srecko", "Gabrijela"),
    "hu": ("Tamas", "Noemi"),
    "id": ("Ardi", "Gadis"),
    "it": (
        "Alessio Benigno Calimero Cataldo Diego Gianni Giuseppe Lisandro Marcello Rinaldo",
        "Elsa Fabiola Fiamma Imelda Irma Isabella Palmira Pierina",
    ),
    "ja": ("Daichi Keita Masaru Naoki", "Aoi Mayu Nanami Shiori"),
    "kn": ("Gagan", "Sapna"),
    "ko": ("BongJin GookMin Hyunsu InJoon", "JiMin SeoHyeon SoonBok SunHi YuJin"),
    "lt": ("Leonas", "Ona"),
    "lv": ("Nils", "Everita"),
    "ml": ("Midhun", "Sobhana"),
    "mr": ("Manohar", "Aarohi"),
    "ms": ("Osman", "Yasmin"),
    "nb": ("Finn", "Iselin Pernille"),
    "nl": ("Arnaud Maarten", "Colette Dena Fenna"),
    "pl": ("Marek", "Agnieszka Zofia"),
    "pt": (
        "Antonio Donato Duarte Fabio Humberto Julio Macerio Nicolau Valerio",
        "Brenda Elza Fernanda Francisca Giovanna Leila Leticia Manuela Raquel Thalita Yara",
    ),
    "ro": ("Emil", "Alina"),
    "ru": ("Dmitry", "Dariya Svetlana"),
    "sk": ("Lukas", "Viktoria"),
    "sl": ("Rok", "Petra"),
    "sr": ("Nicholas", "Sophie"),
    "sv": ("Mattias", "Hillevi Sofie"),
    "sw": ("Daudi Rafiki", "Rehema Zuri"),
    "ta": ("Anbu Kumar Surya Valluvar", "Kani Pallavi Saranya Venba"),
    "te": ("Mohan", "Shruti"),
    "th": ("Niwat", "Achara Premwadee"),
    "tr": ("Ahmet", "Emel"),
    "uk": ("Ostap", "Polina"),
    "ur": ("Asad Salman", "Gul Uzma"),
    "vi": ("NamMinh", "HoaiMy"),
    "wuu": ("Yunzhe", "Xiaotong"),
    "yue": ("YunSong", "XiaoMin"),
    "zh": (
        "Yunfan Yunfeng Yunhao Yunjhe YunJian Yunjie Yunxi Yunxia Yunxiao Yunyang Yunye Yunyi Yunze WanLung",
        "HiuGaai HiuMaan HsiaoChen HsiaoYu Xiaobei Xiaochen Xiaohan Xiaomeng Xiaomo Xiaoni Xiaoqiu"
        " Xiaorou Xiaorui Xiaoshuang Xiaoxiao Xiaoxuan Xiaoyan Xiaoyi Xiaoyou Xiaoyu Xiaozhen",
    ),
}
_GENDERS = {
    (language, name.lower()): gender
    for language, names in _NAMES.items()
    for gender, of_gender in zip(GENDERS, names, strict=True)
    for name in of_gender.split()
}


@dataclass(frozen=True, slots=True)
class CommonVoice:
    """Language (BCP 47) and gender of a common name; `gender` is "male", "female" or empty = not known."""

    language: str
    gender: str


def common_voice(name: str) -> CommonVoice | None:
    """Return the language and gender of a name of the form TAG-NameNeural; None = it has another form."""
    found = _FORM.fullmatch(name) if len(name) <= LONGEST_NAME else None
    if found is None or len(found["tag"]) > LONGEST:
        return None
    return CommonVoice(canonical(found["tag"]), _GENDERS.get((base(found["tag"]), found["name"].lower()), ""))


def wanted_gender(voice: str) -> str | None:
    """Return the gender that a choice wants where no voice has its name; empty = any, None = it says none.

    A choice is "male", "female", empty, a common name, or the id of a voice.
    """
    if not voice or voice in GENDERS:
        return voice
    found = common_voice(voice)
    return None if found is None else found.gender
