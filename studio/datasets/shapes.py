"""What the rows of a version are for, and whether there is a recipe that learns from them."""

from corpus.records import Shape
from corpus.rowfile import row_of
from studio.datasets.models import DatasetVersion

#: Shapes that a run can be started on now; a recipe for another shape adds it here.
TRAINABLE: tuple[Shape, ...] = (Shape.CONVERSATION,)
#: Conversations without an answer of their own: a grader is to judge what a model says.
_GRADED = "openai_graded"


def shape_of(version: DatasetVersion) -> Shape:
    """What the job that made the version said, else what its first row is; rows of old versions are conversations."""
    said = version.stats.get("shape")
    if said in set(Shape):
        return Shape(said)
    if not version.preview:
        return Shape.CONVERSATION
    try:
        return row_of(version.preview[0]).shape
    except ValueError:
        # A preview is cut, so that a long row may be none any more.
        return Shape.PREFERENCE if "preferred_output" in version.preview[0] else Shape.CONVERSATION


def is_trainable(version: DatasetVersion) -> bool:
    """Whether a run can be started on it."""
    return shape_of(version) in TRAINABLE and version.stats.get("layout") != _GRADED
