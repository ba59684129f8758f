"""Java, and the jars of Kafka: fetched through Maven once and kept."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from shared.platform.embedded_kafka.problems import KafkaUnavailable

POM = Path(__file__).parents[5] / "deploy" / "kafka" / "pom.xml"
OLDEST_JAVA = 17
FETCHED_WITHIN = 600.0  # seconds


def cache_folder() -> Path:
    """Return where this account keeps Kafka's jars."""
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG base directory specification: a relative path is ignored.
    return (Path(chosen) if chosen.startswith("/") else Path.home() / ".cache") / "coxswain" / "kafka"


def prepare(cache: Path, pom: Path = POM) -> Path:
    """Return the folder of jars, fetching them unless the cache has what the pom asks for.

    Raises: KafkaUnavailable.
    """
    if not pom.exists():
        raise KafkaUnavailable(f"{pom} is missing, which says what Kafka needs; run this from Coxswain's repository.")
    jars = cache / hashlib.sha256(pom.read_bytes()).hexdigest()[:16]
    maven = shutil.which("mvn")
    missing = {
        f"Java {OLDEST_JAVA} or newer": "default-jre-headless" if java() is None else "",
        "Maven": "maven" if maven is None and not jars.exists() else "",
    }
    wanted = [name for name, package in missing.items() if package]
    if wanted:
        packages = " ".join(filter(None, missing.values()))
        raise KafkaUnavailable(f"Install {' and '.join(wanted)} to run Kafka here (on Debian: apt install {packages}).")
    if not jars.exists():
        try:
            _fetch_once(str(maven), pom, jars)
        except OSError as error:
            raise KafkaUnavailable(f"{cache} cannot hold Kafka's jars ({error.strerror}).") from error
    return jars


def java() -> str | None:
    """Find a Java that is new enough: JAVA_HOME's if that is set, as Maven does, or else the path's."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin" if home else None)
    if found is None:
        return None
    said = subprocess.run([found, "-version"], capture_output=True, encoding="utf-8", check=False).stderr  # noqa: S603
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    return found if version and int(version[1]) >= OLDEST_JAVA else None


def _fetch_once(maven: str, pom: Path, jars: Path) -> None:
    jars.parent.mkdir(parents=True, exist_ok=True)
    with (jars.parent / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if jars.exists():  # another process was here first
            return
        aside = jars.with_suffix(".new")
        if aside.exists():  # what a process left that was killed
            shutil.rmtree(aside)
        _fetch(maven, pom, aside)
        aside.rename(jars)


def _fetch(maven: str, pom: Path, folder: Path) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    command = [maven, "--batch-mode", "--quiet", "--strict-checksums", "--file", str(pom), *goal]
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=FETCHED_WITHIN,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise KafkaUnavailable(f"Maven did not fetch Kafka within {FETCHED_WITHIN:g} seconds; try again.") from None
    if done.returncode:
        errors = [line for line in done.stdout.splitlines() if line.startswith("[ERROR]")] or done.stdout.splitlines()
        reason = errors[0].removeprefix("[ERROR]").strip().rstrip(".") if errors else "it says nothing"
        raise KafkaUnavailable(f"Maven could not fetch Kafka (exit code {done.returncode}): {reason}.")
