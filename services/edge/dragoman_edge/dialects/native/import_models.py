"""The native API about imports: questions, answers. docs/native.openapi.yaml is made from these models."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dragoman_edge.model.imports import LONGEST_MS, SMALLEST_MS


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class QuoteWish(_Model):
    """The length of a file, and the number of languages that it becomes."""

    duration_ms: int = Field(ge=SMALLEST_MS, le=LONGEST_MS)
    to: list[str] = Field(default_factory=list, max_length=64, description="BCP 47")


class Quote(_Model):
    """The price of an import. Money is micro-credits; the whole price is held before an import begins."""

    allowed: bool
    price: int
    price_per_minute: int
    credits_remaining: int


class Import(_Model):
    """An import of a file; what it leaves is the task of the same id. Times are Unix times in ms."""

    id: str
    status: Literal["waiting", "running", "completed", "failed"]
    progress: int = Field(description="0 to 100")
    created_at_ms: int
    duration_ms: int | None = Field(description="null = not known yet")
    done_ms: int
    code: str | None = Field(description="Why it failed; `import_interrupted`: upload it again")
    message: str | None


class ImportPage(_Model):
    """Imports of the key's account, the newest first."""

    imports: list[Import]
    next: str | None = Field(description="`after` of the next page; null = this is the last one")
