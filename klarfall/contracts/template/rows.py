"""What the template of catalogue and tiles consists of: the form of its rows."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One service as `CatalogueItem` keeps it; its fields are called like the columns."""

    code: str
    clause: str
    outcome: str
    title: str
    title_en: str
    text: str
    text_en: str
    examples: tuple[str, ...]
    examples_en: tuple[str, ...]
    reason_template: str = ""
    reason_template_en: str = ""
    changes_if: str = ""
    changes_if_en: str = ""
    needs_cause: bool = False
    asks_training: bool = False
    work_type: str = ""
    alternatives: tuple[str, ...] = ()
    default_scope: str = ""
    default_scope_en: str = ""
    default_exclusions: str = ""
    default_exclusions_en: str = ""
    estimate_min: int | None = None
    estimate_max: int | None = None

    @property
    def columns(self) -> dict[str, object]:
        """The values for `CatalogueItem`."""
        return {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(self).items()}


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One tile of the new request as `RequestKind` keeps it."""

    code: str
    icon: str
    title: str
    title_en: str
    hint: str
    hint_en: str
    usual_item: str = ""
    usual_outcome: str = ""
    to_consulting: bool = False

    @property
    def columns(self) -> dict[str, object]:
        """The values for `RequestKind`."""
        return asdict(self)
