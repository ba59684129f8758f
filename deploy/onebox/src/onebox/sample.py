"""Loads the sample on the first start."""

from rich.console import Console

from onebox.box import REPOSITORY
from onebox.ocds.importing import import_paths
from onebox.serving import Place

SAMPLE = REPOSITORY / "examples" / "ocds" / "dominican-republic-sample.jsonl.gz"


async def load_sample(place: Place, console: Console) -> None:
    """Import the sample, once per data folder."""
    mark = place.data / "sample.loaded"
    if mark.exists():
        return
    console.print("Loading the sample (Dominican Republic, ODbL) …")
    code = await import_paths([SAMPLE], place.url, as_json=False, console=console)
    if code == 0:
        mark.touch()
