"""LibreTranslate and DeepL as of their API references, for the contract tests."""

from typing import Annotated, Any

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse

from tests.hosted.stand import KEY

LIBRE = [
    {"code": "en", "name": "English", "targets": ["en", "es", "pt-BR", "zt"]},
    {"code": "es", "name": "Spanish", "targets": ["en", "es"]},
    {"code": "pt-BR", "name": "Portuguese (Brazil)", "targets": ["en"]},
    {"code": "zt", "name": "Chinese (traditional)", "targets": ["en"]},
]
DEEPL_SOURCES = ("DE", "EN", "ES", "PT", "ZH")
DEEPL_TARGETS = ("DE", "EN-GB", "EN-US", "ES", "PT-BR", "PT-PT", "ZH", "ZH-HANS", "ZH-HANT")
FORMAL = ("DE", "ES", "PT-BR", "PT-PT")


def libretranslate() -> FastAPI:
    app = FastAPI()

    def error(status: int, message: str) -> JSONResponse:
        return JSONResponse({"error": message}, status)

    @app.get("/languages")
    async def languages() -> list[dict[str, Any]]:
        return LIBRE

    @app.post("/translate", response_model=None)
    async def translate(request: Request) -> JSONResponse | dict[str, Any]:
        asked = await request.json()
        if asked.get("api_key") != KEY:
            return error(403, "Invalid API key")
        known = {item["code"]: item["targets"] for item in LIBRE}
        for name in ("q", "source", "target"):
            if not asked.get(name):
                return error(400, f"Invalid request: missing {name} parameter")
        if asked["source"] not in known or asked["target"] not in known[asked["source"]]:
            return error(400, f"{asked['target']} is not supported")
        return {"translatedText": f"{asked['target']}:{asked['q']}"}

    return app


def deepl() -> FastAPI:
    app = FastAPI()

    def error(status: int, message: str) -> JSONResponse:
        return JSONResponse({"message": message}, status)

    @app.get("/v2/languages", response_model=None)
    async def languages(
        request: Request, type: str = "source", authorization: Annotated[str, Header()] = ""
    ) -> JSONResponse | list[dict[str, Any]]:
        if authorization != f"DeepL-Auth-Key {KEY}":
            return error(403, "Invalid auth key.")
        form = await request.form()  # the vendor's client sends the parameter in the body
        if form.get("type", type) == "source":
            return [{"language": code, "name": code.title()} for code in DEEPL_SOURCES]
        return [
            {"language": code, "name": code.title(), "supports_formality": code in FORMAL}
            for code in DEEPL_TARGETS
        ]

    @app.post("/v2/translate", response_model=None)
    async def translate(
        request: Request, authorization: Annotated[str, Header()] = ""
    ) -> JSONResponse | dict[str, Any]:
        if authorization != f"DeepL-Auth-Key {KEY}":
            return error(403, "Invalid auth key.")
        asked = await request.json()
        for name, known in (("source_lang", DEEPL_SOURCES), ("target_lang", DEEPL_TARGETS)):
            if asked.get(name) is not None and asked[name] not in known:
                return error(400, f"Value for '{name}' not supported.")
        if asked.get("formality") in ("more", "less") and asked["target_lang"] not in FORMAL:
            return error(400, "'formality' is not supported for given 'target_lang'.")
        bills = asked.get("show_billed_characters", False)
        return {
            "translations": [
                {"detected_source_language": "EN", "text": f"{asked['target_lang']}:{text}"}
                | ({"billed_characters": len(text)} if bills else {})
                for text in asked["text"]
            ]
        }

    return app
