"""The operator's door, as an operator uses it."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from builders import CHEAP, TestClock, World
from click.testing import CliRunner, Result
from holders import bundle
from simulator import KeyIssuer, octets

from credentials import clock
from credentials.awards import service as awards
from credentials.cli import main
from credentials.fetch import fetch_nothing
from credentials.issuing import service as issuing
from credentials.pathways import service as pathways
from credentials.pathways.model import Approval
from credentials.people.model import Role
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.settings import Settings
from credentials.web.parts import open_parts

PASSWORD = "violet harbour sixteen trumpets"

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    kek = tmp_path / "kek"
    kek.write_bytes(os.urandom(32))
    kek.chmod(0o600)
    (tmp_path / "password").write_text(PASSWORD + "\n")
    return tmp_path


@pytest.fixture
def environment(home: Path) -> dict[str, str | None]:
    """Settings of its own, and none of the caller's."""
    return {
        **{name: None for name in os.environ if name.startswith("CREDENTIALS_")},
        "HOME": str(home),
        "CREDENTIALS_DATA_DIR": str(home / "data"),
        "CREDENTIALS_KEYS_DIR": str(home / "keys"),
        "CREDENTIALS_KEK_FILE": str(home / "kek"),
        "CREDENTIALS_BASE_URL": "https://alder.test",
        "CREDENTIALS_FETCH": "false",
    }


@pytest.fixture
def run(environment: dict[str, str | None]) -> Run:
    def call(*arguments: str, status: int = 0, stdin: bytes | None = None, **more: str) -> Result:
        result = CliRunner(env={**environment, **more}).invoke(main, arguments, input=stdin)
        assert result.exit_code == status, (result.output, result.exception)
        return result

    return call


@pytest.fixture
def badge(home: Path, sqlite_template: Path) -> Path:
    """The credential of a service on this machine, as a file."""
    (home / "data").mkdir()
    shutil.copy(sqlite_template, home / "data" / "credentials.sqlite3")
    settings = Settings(
        base_url="https://alder.test", data_dir=home / "data", keys_dir=home / "keys", kek_file=home / "kek"
    )

    async def build() -> bytes:
        async with open_parts(
            settings, now=clock.now, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
        ) as parts:
            world = await World(parts, TestClock(clock.now())).found()
            submission = await world.decide(await world.submission(await world.publish()))
            await world.redeem()
            await issuing.publish_due_lists(parts.office, clock.now())
            award = await world.see(awards.by_submission, submission.id)
            return (await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)).body

    path = home / "badge.json"
    path.write_bytes(asyncio.run(build()))
    return path


def test_a_service_is_set_up_by_three_commands(run: Run, home: Path) -> None:
    run("db", "upgrade")
    assert "as it must be" in run("db", "check").output
    founded = run(
        "admin", "create", "--organisation", "Alder", "--slug", "alder", "--email", "a@alder.example", "--name", "Ada",
        "--password-file", str(home / "password"),
    )  # fmt: skip
    assert "https://alder.test/sign-in" in founded.output
    assert run("fsck").output.strip() == "Everything is as it was left."


def test_a_command_before_the_upgrade_says_which_command_is_missing(run: Run, home: Path) -> None:
    refused = run(
        "admin", "create", "--organisation", "Alder", "--slug", "alder", "--email", "a@alder.example", "--name", "Ada",
        "--password-file", str(home / "password"), status=2,
    )  # fmt: skip
    assert "credentials db upgrade" in refused.output


def test_a_password_that_is_guessed_first_is_refused_with_advice(run: Run, home: Path) -> None:
    run("db", "upgrade")
    (home / "weak").write_text("passwordpassword")
    refused = run(
        "admin", "create", "--organisation", "Alder", "--slug", "alder", "--email", "a@alder.example", "--name", "Ada",
        "--password-file", str(home / "weak"), status=2,
    )  # fmt: skip
    assert "words that do not belong together" in refused.output


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"CREDENTIALS_KEK_FILE": ""}, "CREDENTIALS_KEK_FILE"),
        ({"CREDENTIALS_BASE_URL": "http://alder.test"}, "https://"),
        ({"CREDENTIALS_DATABSE_URL": "sqlite:///x"}, "there is no setting CREDENTIALS_DATABSE_URL"),
        ({"CREDENTIALS_DATABASE_URL": "mysql://u:secret@h/d"}, "SQLite or PostgreSQL"),
    ],
    ids=["no key-encryption key", "no https", "a misspelt setting", "a database of another kind"],
)
def test_a_production_service_does_not_start_with_unsafe_settings(
    run: Run, more: dict[str, str], sentence: str
) -> None:
    refused = run("serve", status=2, **more)
    assert sentence in " ".join(refused.output.split())
    assert "secret" not in refused.output


def test_config_tells_every_setting_and_no_secret(run: Run) -> None:
    shown = run("config", CREDENTIALS_DATABASE_URL="postgresql://u:hunter2@db/credentials").output
    assert "CREDENTIALS_BASE_URL=https://alder.test" in shown
    assert "hunter2" not in shown


def test_a_badge_of_our_own_verifies_offline_from_a_file_and_from_standard_input(run: Run, badge: Path) -> None:
    told = run("verify", str(badge)).output
    assert "VERIFIED" in told
    assert "? resources: Documents that the credential refers to were not compared with it" in " ".join(told.split())
    assert "VERIFIED" in run("verify", "-", stdin=badge.read_bytes()).output
    report = json.loads(run("verify", "--json", str(badge)).output)
    assert (report["verdict"], report["issuer"]["recognised"]) == ("accept", True)


def test_a_folder_is_verified_item_by_item_and_told_as_a_table_and_as_lines(run: Run, badge: Path, home: Path) -> None:
    folder = home / "incoming"
    (folder / "deeper").mkdir(parents=True)
    (folder / "=1+1.json").write_bytes(badge.read_bytes())
    (folder / "broken.json").write_bytes(b"{")
    (folder / "broken.zip").write_bytes(b"PK")
    (folder / ".hidden").write_bytes(b"")
    (folder / "deeper" / "lines.jsonl").write_bytes(b"\n".join([badge.read_bytes()] * 3))
    (folder / "links.csv").write_text("link\nhttps://nowhere.example/1\n")
    table, lines = home / "out.csv", home / "out.jsonl"
    shown = run("verify", str(folder), "--csv", str(table), "--jsonl", str(lines), status=1)
    assert "4  VERIFIED" in shown.output
    results = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [(Path(one["label"].partition(": ")[0]).name, one["outcome"].partition(":")[0]) for one in results] == [
        ("=1+1.json", "accept"),
        ("broken.json", "reject"),
        ("broken.zip", "indeterminate"),
        ("lines.jsonl", "accept"),
        ("lines.jsonl", "accept"),
        ("lines.jsonl", "accept"),
        ("links.csv", "indeterminate"),
    ]
    rows = table.read_text().splitlines()
    assert rows[0].startswith("item,verdict,code,summary")
    assert len(rows) == 8
    assert "2  VERIFIED" in run("verify", str(badge), str(badge), "--csv", str(table)).output


def test_a_receipt_is_written_for_a_file_and_on_paper_and_verifies_like_a_badge(
    run: Run, badge: Path, home: Path
) -> None:
    receipt, on_paper = home / "receipt.json", home / "receipt.pdf"
    said = run("verify", str(badge), "--organisation", "alder", "--receipt", str(receipt))
    assert "receipt: https://alder.test/receipts/" in said.stdout
    assert json.loads(receipt.read_bytes())["name"] == "Verification receipt"
    assert "VERIFIED" in run("verify", str(receipt)).stdout
    forged = home / "forged.json"
    forged.write_bytes(badge.read_bytes().replace(b"Moves Work", b"Makes Gold"))
    run("verify", str(forged), "--organisation", "alder", "--receipt", str(on_paper), status=1)
    assert on_paper.read_bytes().startswith(b"%PDF-")
    for wrong in ([str(badge), str(badge), "--organisation", "alder"], [str(badge)]):
        assert "a receipt is of one file" in run("verify", *wrong, "--receipt", str(receipt), status=2).stderr


def test_a_changed_badge_is_refused_with_status_1_and_the_reason(run: Run, badge: Path, home: Path) -> None:
    document = json.loads(badge.read_bytes())
    document["name"] = "Superintendent"
    forged = home / "forged.json"
    forged.write_bytes(msgspec.json.encode(document))
    shown = run("verify", str(badge), str(forged), status=1).output
    assert "NOT VERIFIED" in shown
    assert "PROOF_VERIFICATION_ERROR" in shown


def test_on_a_machine_that_knows_nobody_it_could_not_be_checked(run: Run, badge: Path, home: Path) -> None:
    """It is not shown as verified, and it is not called a forgery either."""
    shown = run("verify", str(badge), status=1, CREDENTIALS_DATA_DIR=str(home / "elsewhere")).output
    assert "COULD NOT BE CHECKED" in shown


def test_a_file_that_is_not_there_is_said_so(run: Run, home: Path) -> None:
    refused = run("verify", str(home / "nothing.json"), status=2)
    assert "cannot be read" in " ".join(refused.output.split())


SPECIFICATION = (
    "UPDATE micro_credential_versions SET specification = CAST(replace(specification, 'Demonstrated', 'Other') AS BLOB)"
)

DAMAGE: dict[str, tuple[str, str]] = {
    "an edited decision": (
        "UPDATE audit_entries SET body = CAST(replace(body, 'earned', 'burned') AS BLOB) WHERE action LIKE '%earned'",
        "audit:",
    ),
    "a cut record": (
        "DELETE FROM audit_entries WHERE sequence = (SELECT max(sequence) FROM audit_entries)",
        "audit:",
    ),
    "a changed signature": (
        "UPDATE sealed SET body = CAST(replace(body, 'Feedback', 'Feedbock') AS BLOB) WHERE format = 'data-integrity'",
        "intent:",
    ),
    "a signed document that nobody logged": ("DELETE FROM log_leaves WHERE sequence = 1", "log:"),
    "a rubric changed after publication": (SPECIFICATION, "version:"),
    "a state that the status bits do not show": ("UPDATE awards SET state = 'revoked'", "award:"),
}


@pytest.mark.parametrize("damage", DAMAGE, ids=list(DAMAGE))
def test_fsck_finds(damage: str, run: Run, badge: Path, home: Path) -> None:
    statement, where = DAMAGE[damage]
    assert "as it was left" in run("fsck").output
    with sqlite3.connect(home / "data" / "credentials.sqlite3") as database:
        assert database.execute(statement).rowcount > 0
    database.close()
    found = [json.loads(line) for line in run("fsck", "--json", status=1).stdout.splitlines() if line.startswith("{")]
    assert any(finding["where"].startswith(where) and finding["severe"] for finding in found), found


def test_fsck_finds_a_file_of_evidence_that_was_changed(run: Run, badge: Path, home: Path) -> None:
    (kept,) = [path for path in (home / "data" / "files" / "blobs").rglob("*") if path.is_file()]
    kept.write_bytes(b"something else")
    assert "file:" in run("fsck", status=1).output


def test_a_key_is_retired_and_its_badges_stay_good(run: Run, badge: Path) -> None:
    listed = run("keys", "list").output
    key = next(line.split()[0] for line in listed.splitlines() if line.startswith("ed25519-"))
    run("keys", "retire", key)
    assert "VERIFIED" in run("verify", str(badge)).output
    run("keys", "compromise", key, "--since", "2020-01-01")
    assert "NOT VERIFIED" in run("verify", str(badge), status=1).output


def test_whom_we_recognise_is_the_operators_to_say(run: Run) -> None:
    run("db", "upgrade")
    run("trust", "add", "did:web:issuer.example", "--name", "Example State Board")
    assert "Example State Board" in run("trust", "list").output
    run("trust", "remove", "did:web:issuer.example")
    assert "Example" not in run("trust", "list").output
    run("trust", "remove", "did:web:issuer.example", status=1)


def test_an_organisation_has_a_registry_of_its_own(run: Run, badge: Path, home: Path) -> None:
    issuer, at = "did:web:issuer.example", ("--organisation", "alder")
    run("trust", "add", issuer, "--name", "Example", *at, "--use", "pay", "--until", "2030-06-30")
    assert f"{issuer}  Example  pay  … – 2030-07-01" in run("trust", "list", *at).output
    assert issuer not in run("trust", "list").output
    (home / "list.csv").write_text("issuer,name,uses\ndid:web:other.example,Other,licence;pay\n")
    assert "1 lines are new" in run("trust", "import", str(home / "list.csv"), *at).output
    run("trust", "remove", issuer, *at)
    run("trust", "remove", issuer, *at, status=1)
    run("trust", "add", issuer, "--name", "Example", "--use", "pay", status=2)
    run("trust", "add", "nonsense", "--name", "Example", *at, status=2)


def test_more_than_whether_it_is_good_now_may_be_asked(run: Run, badge: Path) -> None:
    assert "credential-not-yet-valid" in run("verify", str(badge), "--as-of", "2020-09-30", status=1).output
    assert "VERIFIED" in run("verify", str(badge), "--organisation", "alder", "--use", "pay").output
    assert "VERIFIED" in run("verify", str(badge), "--recipient", "teacher@heron-school.example").output
    assert "recipient-mismatch" in run("verify", str(badge), "--recipient", "bob@example.org", status=1).output
    assert "recipient-not-named" in run("verify", str(badge), "--recipient", "Bob", status=1).output
    assert "no organisation" in run("verify", str(badge), "--organisation", "nowhere", status=2).output


def test_the_demonstration_tells_its_story_and_every_step_holds(tmp_path: Path) -> None:
    """The same story that `make demo` serves: over two hundred badges, checked from outside."""
    done: Any = subprocess.run(
        [sys.executable, "-m", "credentials", "demo", "--once", "--data-dir", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "200"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓") == 12
    assert "✗" not in done.stdout


def test_the_demonstration_does_not_empty_a_folder_that_is_not_its_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("ten years of work")
    refused = run("demo", "--once", "--data-dir", str(tmp_path / "thesis"), status=2)
    assert "not a demonstration's" in " ".join(refused.output.split())
    assert (tmp_path / "thesis" / "chapter1.txt").exists()


# Pathways


def rule_and_record(home: Path, rule: object, record: object) -> tuple[str, str]:
    for name, document in (("rule", rule), ("record", record)):
        (home / f"{name}.json").write_text(json.dumps(document))
    return str(home / "rule.json"), str(home / "record.json")


RULE = {
    "credential": {"type": "award"},
    "count": 2,
    "label": "two awards",
    "text": "Two awards.",
    "source": "Section 3",
}


def test_a_pathway_is_evaluated_from_two_files(run: Run, home: Path) -> None:
    record = {"items": [{"id": "a", "type": "award", "revoked_on": "2026-06-01"}, {"id": "b", "type": "award"}]}
    files = rule_and_record(home, RULE, record)
    today = json.loads(run("pathway", "evaluate", *files, "--as-of", "2026-11-28", "--json").output)
    assert today["verdict"] == "not_met"
    assert {
        "code": "SHORT",
        "requirement": "two awards",
        "have": 1,
        "need": 2,
        "text": today["reasons"][0]["text"],
    } in today["reasons"]
    assert [(one["code"], one["item"]) for one in today["reasons"][1:]] == [("REVOKED", "a")]
    earlier = json.loads(run("pathway", "evaluate", *files, "--as-of", "2026-05-01", "--json").output)
    assert earlier["verdict"] == "met"
    hindsight = run("pathway", "evaluate", *files, "--as-of", "2026-05-01", "--known", "now", "--json").output
    assert json.loads(hindsight)["verdict"] == "not_met"


def test_a_pathway_is_explained_to_a_person(run: Run, home: Path) -> None:
    output = run("pathway", "evaluate", *rule_and_record(home, RULE, {"items": [{"id": "a", "type": "award"}]})).output
    for words in (
        "NOT MET",
        "two awards: 2 different award (1 of 2)",
        "“Two awards.” Section 3",
        "Nearest ways",
        "1 more for",
    ):
        assert words in output


@pytest.mark.parametrize(
    ("rule", "record", "place"),
    [
        ({"all": [{"sum": {}}]}, {}, "/all/0/sum/min"),
        (RULE, {"items": [{"id": "a", "qty": "two"}]}, "/items/0/qty"),
    ],
)
def test_a_rule_or_record_that_cannot_be_read_is_exit_status_2_with_the_place(
    run: Run, home: Path, rule: object, record: object, place: str
) -> None:
    result = run("pathway", "evaluate", *rule_and_record(home, rule, record), "--json", status=2)
    assert place in result.output


def test_everybody_is_judged_by_a_pathway_and_a_draft_is_tried_on_them(run: Run, home: Path) -> None:
    run("db", "upgrade")
    settings = Settings(
        base_url="https://alder.test", data_dir=home / "data", keys_dir=home / "keys", kek_file=home / "kek"
    )

    async def build() -> str:
        async with open_parts(
            settings, now=clock.now, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
        ) as parts:
            world = await World(parts, TestClock(clock.now())).found()
            await world.join("officer", "alder", Role.LICENSING_OFFICER)
            today = clock.now().date()
            officer = await world.act("officer")
            pathway, version = await world.do(
                pathways.draft_pathway, officer, organisation_id=world.organisations["alder"].id, slug="renewal",
                title="Renewal", description="", rule=b'{"true": true}', effective_from=today,
            )  # fmt: skip
            await world.do(
                pathways.approve_version, await world.act("admin"), version.id,
                Approval(board="State Board", decided_on=today), revision=1,
            )  # fmt: skip
            draft = await world.do(
                pathways.draft_version, officer, pathway.id, rule=json.dumps(RULE).encode(),
                effective_from=today + timedelta(days=9),
            )  # fmt: skip
            return str(draft.id)

    draft = asyncio.run(build())
    judged = run("pathway", "judge", "renewal").output
    assert "2 educators were judged by Renewal." in judged
    assert "met: 2" in judged
    assert "Of 2 educators 0 would gain and 2 would lose." in run("pathway", "what-if", draft).output
    assert len(json.loads(run("pathway", "what-if", draft, "--json").output)["loses"]) == 2
    run("pathway", "judge", "nothing", status=2)


def test_a_file_that_is_not_there_is_exit_status_2(run: Run, home: Path) -> None:
    assert "cannot be read" in run("pathway", "evaluate", "no.json", "no.json", status=2).output


# Keys and contexts


def test_an_operator_rotates_retires_and_distrusts_keys_and_each_is_in_the_audit_record(
    run: Run, home: Path, badge: Path
) -> None:
    assert badge.exists()
    listed = [line.split() for line in run("keys", "list").stdout.splitlines()]
    assert sorted(line[3] for line in listed) == ["Ed25519", "P-256"]
    assert {line[1] for line in listed} == {"active"}
    old = next(line[0] for line in listed if line[3] == "P-256")
    new = run("keys", "rotate", old).stdout.split("; ")[1].split()[0]
    run("keys", "compromise", old, "--since", "2026-01-02")
    run("keys", "retire", new)
    states = {line.split()[0]: line.split()[1] for line in run("keys", "list").stdout.splitlines()}
    assert (states[old], states[new]) == ("compromised", "retired")
    assert "retired already" in run("keys", "rotate", new, status=2).stderr
    with sqlite3.connect(home / "data" / "credentials.sqlite3") as database:
        found = [row[0] for row in database.execute("SELECT action FROM audit_entries ORDER BY sequence")]
    assert [action for action in found if action.startswith("key.")] == [
        "key.rotated",
        "key.compromised",
        "key.retired",
    ]


def test_an_operator_pins_a_context_of_their_own(run: Run, home: Path) -> None:
    own = home / "own.json"
    own.write_text('{"@context": {"shelf": "https://alder.example/terms#shelf"}}')
    url, folder = "https://alder.example/contexts/own", str(home / "contexts")
    assert "say where" in run("contexts", "pin", url, str(own), status=2).stderr
    run("contexts", "pin", url, str(own), CREDENTIALS_CONTEXTS_DIR=folder)
    assert url not in run("contexts", "list").stdout
    assert url in run("contexts", "list", CREDENTIALS_CONTEXTS_DIR=folder).stdout


def test_tls_needs_both_of_its_files(run: Run, home: Path) -> None:
    run("db", "upgrade")
    assert "together" in run("serve", "--tls-cert", str(home / "x.pem"), status=2).stderr
    told = run("serve", "--tls-cert", str(home / "x.pem"), "--tls-key", str(home / "x.key"), status=2).stderr
    assert "cannot be read" in told


def test_a_bundle_shows_each_credential_in_it(run: Run, home: Path) -> None:
    issuer = KeyIssuer()
    (home / "bundle.json").write_bytes(octets(bundle(json.loads(issuer.issue()), json.loads(issuer.issue()))))
    shown = run("verify", str(home / "bundle.json")).output
    assert shown.count("SIGNATURE GOOD, ISSUER NOT RECOGNISED") == 3
    assert shown.count("Conferring for Agency") >= 2
    assert run("verify", status=2).exit_code == 2
    said = json.loads(run("verify", "--json", "--link", "http://issuer.example/1", status=1).stdout)
    assert (said["verdict"], said["code"]) == ("reject", "url-not-allowed")
