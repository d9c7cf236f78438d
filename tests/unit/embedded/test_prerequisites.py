"""Each missing thing is named in one line with what to do about it."""

import pytest

from deploy.embedded.prerequisites import Host, check, java, java_major
from deploy.embedded.refusal import Refusal

COMPLETE = Host(
    platform="linux",
    python=(3, 11),
    which=lambda command: f"/usr/bin/{command}",
    has_module=lambda name: True,
    java_version=lambda command: 'openjdk version "17.0.15" 2025-04-15',
    environment={},
)


def without(*commands: str) -> Host:
    return COMPLETE._replace(which=lambda name: None if name in commands else f"/usr/bin/{name}")


def test_a_complete_host_is_accepted() -> None:
    check(COMPLETE)


@pytest.mark.parametrize(
    ("host", "named", "remedy"),
    [
        (without("java"), "Java 17+", "apt-get install openjdk-17"),
        (without("mvn"), "Maven", "apt-get install maven"),
        (without("git"), "git", "apt-get install git"),
        (without("make"), "make", "apt-get install make"),
        (COMPLETE._replace(platform="darwin"), "darwin", "WSL2"),
        (COMPLETE._replace(python=(3, 9)), "3.9", "make PYTHON="),
        (
            COMPLETE._replace(has_module=lambda name: name != "ensurepip"),
            "python3-venv",
            "apt-get install python3-venv",
        ),
        (
            COMPLETE._replace(java_version=lambda command: 'java version "1.8.0_352"'),
            "1.8.0_352",
            "openjdk-17",
        ),
        (COMPLETE._replace(java_version=lambda command: ""), "17+", "JAVA_HOME"),
    ],
)
def test_what_is_missing_is_named_with_its_remedy(host: Host, named: str, remedy: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(host)
    line = str(refused.value)
    assert named in line
    assert remedy in line
    assert "\n" not in line


def test_without_the_stack_java_and_maven_are_not_asked_for() -> None:
    check(without("java", "mvn"), stack=False)


def test_the_java_of_java_home_comes_first() -> None:
    host = COMPLETE._replace(environment={"JAVA_HOME": "/opt/jdk"}, which=lambda name: name)
    assert java(host) == "/opt/jdk/bin/java"


def test_a_wrong_java_home_is_named() -> None:
    host = COMPLETE._replace(environment={"JAVA_HOME": "/opt/gone"}, which=lambda name: None)
    with pytest.raises(Refusal, match="/opt/gone"):
        java(host)


@pytest.mark.parametrize(
    ("said", "major"), [('openjdk version "21-ea"', 21), ('java version "11.0.2"', 11), ("what", 0)]
)
def test_the_major_version_of_java_is_read(said: str, major: int) -> None:
    assert java_major(said) == major
