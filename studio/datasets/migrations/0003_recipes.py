"""Recipes as operations, and a line of descent for each version that has a parent."""

from typing import Any

from django.db import migrations

SPLITS = ("train", "validation", "prompts")


def to_operations(apps: Any, schema_editor: Any) -> None:
    """Rewrite recipes of one job's spec to one operation; a version mixed in comes before."""
    del schema_editor
    versions = apps.get_model("datasets", "DatasetVersion")
    descent = apps.get_model("datasets", "Descent")
    for version in versions.objects.select_related(*SPLITS).order_by("created_at").iterator():
        if "kind" in version.recipe:
            before = list(version.parent.recipe.get("operations", [])) if version.parent else []
            outputs = {name: getattr(version, name).sha256 for name in SPLITS if getattr(version, name)}
            version.recipe = {"operations": [*before, operation(version.recipe) | {"outputs": outputs}]}
            version.save(update_fields=["recipe"])
        if version.parent_id:
            descent.objects.get_or_create(version=version, parent_id=version.parent_id)


def operation(recipe: dict[str, Any]) -> dict[str, Any]:
    """The operation of a recipe as it was kept before."""
    params = {key: value for key, value in recipe.items() if key != "kind"}
    inputs: list[str] = []
    for key in ("file", "concepts", "replay"):
        if params.get(key):
            filename = params[key].get("filename", f"{key}.jsonl")
            inputs.append(params[key]["sha256"])
            params[key] = {"input": len(inputs) - 1, "filename": filename}
    return {"op": recipe["kind"], "version": 1, "params": params, "inputs": inputs}


class Migration(migrations.Migration):
    dependencies = [("datasets", "0002_versions")]

    operations = [migrations.RunPython(to_operations, migrations.RunPython.noop)]
