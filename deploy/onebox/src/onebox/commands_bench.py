"""The bench commands: figures beside what the bare parts reach in the same run."""

import contextlib
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from onebox.options import complaints, console

bench = typer.Typer(help="Measure, beside what the bare parts reach in the same run.", no_args_is_help=True)


class Way(StrEnum):
    """How events go from service to service."""

    KAFKA = "kafka"
    FEED = "feed"


@contextlib.contextmanager
def _said_why() -> Iterator[None]:
    """Say in one sentence why what is measured on cannot be started."""
    from shared.platform.embedded_kafka import KafkaNotStarted, KafkaUnavailable  # noqa: PLC0415 - it takes a second
    from shared.platform.embedded_postgres import DataFolderProblem  # noqa: PLC0415

    try:
        yield
    except (DataFolderProblem, KafkaNotStarted, KafkaUnavailable) as problem:
        complaints.print(str(problem), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from problem


@bench.command("events")
def events(
    way: Annotated[Way, typer.Option(help="Over Kafka, each part a process; or on the feed of one box.")] = Way.KAFKA,
    number: Annotated[int, typer.Option("--events", min=400, max=1_000_000, help="How many gather at first.")] = 20_000,
    workers: Annotated[int, typer.Option(min=1, max=6, help="How many share the partitions.")] = 2,
    seconds: Annotated[int, typer.Option(min=2, max=600, help="How long the steady rate is kept up.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure the way from a commit to an effect in another service, on servers started for it."""
    from onebox.bench import events as events_bench  # noqa: PLC0415 - the services take a second to import

    with _said_why():
        events_bench.bench(
            console, kafka=way is Way.KAFKA, events=number // 4 * 4, workers=workers, seconds=seconds, as_json=as_json
        )


@bench.command("ranking")
def ranking(
    bids: Annotated[int, typer.Option(min=2, max=1_000, help="How many bids are ranked.")] = 500,
    criteria: Annotated[int, typer.Option(min=2, max=40, help="By how many criteria, the price among them.")] = 40,
    runs: Annotated[int, typer.Option(min=10, max=10_000, help="How often.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure the exact ranking with its whole derivation."""
    from onebox.bench import ranking as ranking_bench  # noqa: PLC0415 - only this command needs it

    ranking_bench.bench(console, bids=bids, criteria=criteria, runs=runs, as_json=as_json)


@bench.command("ledger")
def ledger(
    clients: Annotated[int, typer.Option(min=1, max=64, help="How many reserve at a time.")] = 16,
    seconds: Annotated[int, typer.Option(min=1, max=240, help="How long each rate is kept up.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure how many reservations one budget line takes, on a service and a database started for it."""
    from onebox.bench import ledger as ledger_bench  # noqa: PLC0415 - the services take a second to import

    with _said_why():
        ledger_bench.bench(console, clients=clients, seconds=seconds, as_json=as_json)


@bench.command("list")
def list_(
    tenders: Annotated[int, typer.Option(min=1_000, max=1_000_000, help="How many there are.")] = 100_000,
    pages: Annotated[int, typer.Option(min=20, max=10_000, help="How many pages are read in each way.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure the list of tenders, page by page, on a service and a database started for it."""
    from onebox.bench import pages as pages_bench  # noqa: PLC0415 - the services take a second to import

    with _said_why():
        pages_bench.bench(console, tenders=tenders, pages=pages, as_json=as_json)


@bench.command("bids")
def bids(
    bidders: Annotated[int, typer.Option(min=1, max=64, help="How many bid at a time.")] = 16,
    seconds: Annotated[int, typer.Option(min=5, max=240, help="How long the rate is kept up.")] = 30,
    processes: Annotated[int, typer.Option(min=1, max=16, help="How many processes receive bids.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure how many sealed bids are received, on a service and a database started for it."""
    from onebox.bench import bids as bids_bench  # noqa: PLC0415 - the services take a second to import

    with _said_why():
        bids_bench.bench(console, bidders=bidders, seconds=seconds, processes=processes, as_json=as_json)


@bench.command("eligibility")
def eligibility(
    providers: Annotated[int, typer.Option(min=100, max=1_000_000, help="How many there are.")] = 50_000,
    rate: Annotated[int, typer.Option(min=1, max=10_000, help="How many are asked a second.")] = 200,
    seconds: Annotated[int, typer.Option(min=1, max=600, help="How long the rate is kept up.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure how fast it is answered whether a provider is eligible, on a service and a database started for it."""
    from onebox.bench import eligibility as eligibility_bench  # noqa: PLC0415 - the services take a second to import

    with _said_why():
        eligibility_bench.bench(console, providers=providers, rate=rate, seconds=seconds, as_json=as_json)


@bench.command("screening")
def screening(
    providers: Annotated[int, typer.Option(min=100, max=1_000_000, help="How many providers there are.")] = 50_000,
    names: Annotated[int, typer.Option(min=100, max=1_000_000, help="How many names the list has.")] = 20_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure how long it takes to hold all providers against a list of names."""
    from onebox.bench import screening as screening_bench  # noqa: PLC0415 - the services take a second to import

    screening_bench.bench(console, providers=providers, names=names, as_json=as_json)
