"""What an augmentation made and what it refused, with examples."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from corpus.augment.endpoint import Budget
from corpus.augment.guards import distinct
from corpus.augment.rows import Children, Parent
from protocol.specs.datasets import AugmentDatasetSpec

#: What is kept to be shown, and of the refused in a file.
_EXAMPLES = 20
_REFUSED_KEPT = 1000
_SHOWN_CHARS = 2000
#: A preview gives up after so many proposals for each row it is to show.
_PREVIEW_TRIES = 20


@dataclass
class Account:
    """What was made and what was refused."""

    parents: int = 0
    tried: int = 0
    made: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    old_texts: list[str] = field(default_factory=list)
    new_texts: list[str] = field(default_factory=list)

    def is_enough(self, spec: AugmentDatasetSpec) -> bool:
        """Whether there are as many new rows as were asked for."""
        if spec.preview is not None:
            return self.made >= spec.preview or self.tried >= spec.preview * _PREVIEW_TRIES
        return spec.max_rows is not None and self.made >= spec.max_rows

    def note(self, parent: Parent, children: Children) -> None:
        """Count what came of one parent, and keep some of it to be shown."""
        self.parents += 1
        self.tried += len(children.rows) + len(children.refused) or 1
        self.made += len(children.rows)
        places = [text.place for text in parent.texts]
        for row in children.rows:
            old = "\n".join(parent.row.texts()[place] for place in places)
            new = "\n".join(row.texts()[place] for place in places)
            self.old_texts.append(old)
            self.new_texts.append(new)
            if len(self.examples) < _EXAMPLES:
                shown = {"before": old[:_SHOWN_CHARS], "after": new[:_SHOWN_CHARS]}
                self.examples.append({"parent": parent.sha256, **shown})
        for each in children.refused:
            self.refused[each.refusal.reason.value] += 1
            if len(self.refusals) < _REFUSED_KEPT:
                self.refusals.append(
                    {
                        "parent": each.parent,
                        "reason": each.refusal.reason.value,
                        "detail": each.refusal.detail[:500],
                        "before": each.before[:_SHOWN_CHARS],
                        "after": each.after[:_SHOWN_CHARS],
                    }
                )


def summary_of(spec: AugmentDatasetSpec, account: Account, budget: Budget) -> dict[str, Any]:
    """The account as it is stored and shown."""
    texts = account.old_texts
    return {
        "method": spec.method,
        "parents": account.parents,
        "made": account.made,
        "refused": dict(account.refused),
        "tokens_spent": budget.spent,
        "calls": budget.calls,
        "calls_without_text": budget.failed,
        # Of the changed texts: those of the parents, of the new rows, and of both together against the parents twice.
        "distinct": {
            str(n): {
                "parents": round(distinct(texts, n), 5),
                "new": round(distinct(account.new_texts, n), 5),
                "both": round(distinct([*texts, *account.new_texts], n), 5),
                "parents_twice": round(distinct([*texts, *texts], n), 5),
            }
            for n in (1, 2)
        },
        "examples": account.examples,
        "refusals": account.refusals[:_EXAMPLES],
    }
