"""How Kafka's jars come to a machine, and what is said where they cannot."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.platform.embedded_kafka import KafkaNotStarted, KafkaUnavailable, cache_folder, jars, prepare, start
from shared.testing.kafka import kafka_jars

JAVA = "#!/bin/sh\necho '{java} version \"{version}\" 2025-04-15' >&2\n"
# Writes what it was asked for where it was asked to, and counts.
MAVEN = """#!/bin/sh
for argument in "$@"; do
    case $argument in -DoutputDirectory=*) folder=${argument#*=} ;; esac
done
echo "$@" >> "$(/usr/bin/dirname "$0")/asked"
/bin/sleep 0.5
/bin/mkdir -p "$folder" && echo jar > "$folder/kafka.jar"
"""
FAILING_MAVEN = """#!/bin/sh
echo 'Picked up some options'
echo '[ERROR] Could not transfer artifact from somewhere: Unknown host.'
echo '[ERROR] To see the full stack trace, run with -e'
exit 1
"""
PREPARE = """
import sys
from pathlib import Path
from shared.platform.embedded_kafka import prepare
print(prepare(Path(sys.argv[1])))
"""


class Machine:
    """A machine with no programs but those that are put there."""

    def __init__(self, folder: Path) -> None:
        self.programs, self.cache = folder / "bin", folder / "cache"
        self.programs.mkdir()

    def install(self, name: str, script: str) -> None:
        program = self.programs / name
        program.write_text(script)
        program.chmod(0o755)

    def has_java(self, version: str = "17.0.15", java: str = "openjdk") -> None:
        self.install("java", JAVA.format(java=java, version=version))

    def asked_of_maven(self) -> list[str]:
        file = self.programs / "asked"
        return file.read_text().splitlines() if file.exists() else []

    def problem(self) -> str:
        with pytest.raises(KafkaUnavailable) as raised:
            prepare(self.cache)
        said = str(raised.value)
        assert "\n" not in said
        assert said.endswith(".")
        assert [entry for entry in self.cache.glob("*") if entry.name != "lock"] == []
        return said


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(machine.programs))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return machine


# --- what is missing


def test_java_and_maven_are_asked_for_when_both_are_missing(machine: Machine) -> None:
    expected = (
        "Install Java 17 or newer and Maven to run Kafka here (on Debian: apt install default-jre-headless maven)."
    )
    assert machine.problem() == expected


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_392", "9"])
def test_a_newer_java_is_asked_for_when_it_is_too_old(machine: Machine, version: str) -> None:
    machine.has_java(version)
    machine.install("mvn", MAVEN)
    expected = "Install Java 17 or newer to run Kafka here (on Debian: apt install default-jre-headless)."
    assert machine.problem() == expected


def test_java_is_asked_for_when_the_program_only_says_that_there_is_none(machine: Machine) -> None:
    machine.install("java", "#!/bin/sh\necho 'Unable to locate a Java Runtime.' >&2\nexit 1\n")
    machine.install("mvn", MAVEN)
    assert machine.problem().startswith("Install Java 17 or newer to run")


def test_maven_is_asked_for_when_the_jars_are_not_here_yet(machine: Machine) -> None:
    machine.has_java()
    assert machine.problem() == "Install Maven to run Kafka here (on Debian: apt install maven)."


def test_the_repository_is_asked_for_when_the_pom_is_not_here(machine: Machine, tmp_path: Path) -> None:
    with pytest.raises(KafkaUnavailable, match=r"pom.xml is missing.*run this from Coxswain's repository\.$"):
        prepare(machine.cache, tmp_path / "pom.xml")


@pytest.mark.parametrize(("version", "java"), [("17", "openjdk"), ("21.0.4", "java"), ("25-ea", "openjdk")])
def test_a_java_is_taken_when_it_is_new_enough(machine: Machine, version: str, java: str) -> None:
    machine.has_java(version, java)
    assert jars.java() == str(machine.programs / "java")


def test_the_java_of_java_home_is_taken_when_that_is_set(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert jars.java() is None
    (tmp_path / "jdk").mkdir()
    machine.programs.rename(tmp_path / "jdk" / "bin")
    assert jars.java() == str(tmp_path / "jdk" / "bin" / "java")


def test_no_broker_starts_when_java_is_missing(machine: Machine, tmp_path: Path) -> None:
    with pytest.raises(KafkaUnavailable, match=r"^Install Java 17 or newer to run Kafka here\.$"):
        start(tmp_path / "data", tmp_path)


# --- fetching


def test_the_jars_are_fetched_once_when_processes_want_them_at_the_same_time(machine: Machine) -> None:
    machine.has_java()
    machine.install("mvn", MAVEN)
    command = [sys.executable, "-c", PREPARE, str(machine.cache)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    folders = {process.communicate()[0].strip() for process in processes}
    (folder,) = folders
    assert (Path(folder) / "kafka.jar").read_text() == "jar\n"
    (asked,) = machine.asked_of_maven()
    assert f"--file {jars.POM} dependency:copy-dependencies -DincludeScope=runtime" in asked
    assert {entry.name for entry in machine.cache.iterdir()} == {"lock", Path(folder).name}


def test_maven_is_not_needed_when_the_jars_are_here(machine: Machine) -> None:
    machine.has_java()
    machine.install("mvn", MAVEN)
    fetched = prepare(machine.cache)
    (machine.programs / "mvn").unlink()
    assert prepare(machine.cache) == fetched


def test_the_jars_are_fetched_again_when_the_pom_asks_for_others(machine: Machine, tmp_path: Path) -> None:
    machine.has_java()
    machine.install("mvn", MAVEN)
    pom = tmp_path / "pom.xml"
    pom.write_text(jars.POM.read_text().replace("4.1.", "4.2."))
    assert prepare(machine.cache, pom) != prepare(machine.cache)
    assert len(machine.asked_of_maven()) == 2


def test_half_a_folder_is_not_taken_for_the_jars_when_fetching_was_interrupted(machine: Machine) -> None:
    machine.has_java()
    machine.install("mvn", MAVEN)
    fetched = prepare(machine.cache)
    half = fetched.rename(fetched.with_suffix(".new"))
    (half / "kafka.jar").rename(half / "half-of-a.jar")
    assert [file.name for file in prepare(machine.cache).iterdir()] == ["kafka.jar"]


def test_mavens_reason_is_told_when_it_fails(machine: Machine) -> None:
    machine.has_java()
    machine.install("mvn", FAILING_MAVEN)
    expected = "Could not transfer artifact from somewhere: Unknown host"
    assert machine.problem() == f"Maven could not fetch Kafka (exit code 1): {expected}."


def test_maven_is_named_when_it_fails_without_a_word(machine: Machine) -> None:
    machine.has_java()
    machine.install("mvn", "#!/bin/sh\nexit 3\n")
    assert machine.problem() == "Maven could not fetch Kafka (exit code 3): it says nothing."


def test_maven_is_given_up_when_it_takes_too_long(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.has_java()
    machine.install("mvn", "#!/bin/sh\nexec /bin/sleep 60\n")
    monkeypatch.setattr(jars, "FETCHED_WITHIN", 0.2)
    assert machine.problem() == "Maven did not fetch Kafka within 0.2 seconds; try again."


def test_the_cache_is_named_when_it_cannot_be_written(machine: Machine) -> None:
    machine.has_java()
    machine.install("mvn", MAVEN)
    machine.cache = Path("/proc/kafka")  # where nobody, not even root, makes a folder
    assert machine.problem().startswith("/proc/kafka cannot hold Kafka's jars (")


def test_no_broker_starts_when_the_jars_are_not_kafkas(machine: Machine, tmp_path: Path) -> None:
    machine.install("java", JAVA.format(java="openjdk", version="17") + "echo 'Error: Could not find class'; exit 1\n")
    with pytest.raises(KafkaNotStarted, match="Could not find class"):
        start(tmp_path / "data", tmp_path)


# --- where the tests look for it


def test_jars_are_kept_where_the_account_keeps_such_things_when_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    for chosen, expected in (("/cache", "/cache"), ("", "/home/anna/.cache"), ("relative", "/home/anna/.cache")):
        monkeypatch.setenv("XDG_CACHE_HOME", chosen)
        assert cache_folder() == Path(expected) / "coxswain" / "kafka"


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_a_test_is_skipped_or_fails_in_ci_when_kafka_is_unavailable(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(machine.cache))
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match=r"^Install Java 17 or newer and Maven to run Kafka here \(.*\)\.$"):
        kafka_jars()
