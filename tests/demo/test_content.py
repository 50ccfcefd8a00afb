"""The demonstration's content holds together: what is named exists, what is asked for can be done and is scored."""

import asyncio
import io
import itertools
import re
import wave
from collections import Counter
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from credentials.apart import Apart
from credentials.catalog import rules as catalogue_rules
from credentials.catalog.model import Framework, FrameworkItem, Mode, PartKind, Specification
from credentials.demo.content import draft_submission, identifier, load, plausible_levels
from credentials.demo.content.artifacts.chart import chart_png
from credentials.demo.content.artifacts.page import page_png
from credentials.demo.content.artifacts.recording import recording_wav
from credentials.demo.content.artifacts.table import table_pdf
from credentials.demo.content.evidence import LEVELS, WAYS, asides, draft_texts, vocabulary, write
from credentials.demo.content.forms import FrameworkFile, House, MicroCredentialFile, StacksFile
from credentials.demo.content.loading import _micro_credential, read
from credentials.demo.content.model import (
    ArtifactDraft,
    Asides,
    ChartPlan,
    Content,
    ContentUnreadable,
    MicroCredential,
    TablePlan,
    TranscriptPlan,
)
from credentials.demo.world import plans
from credentials.evidence import intake
from credentials.evidence import rules as evidence_rules
from credentials.evidence.model import Artifact, ArtifactKind, Attestations, Hidden
from credentials.people.model import OrganisationKind, Role
from credentials.review import likeness

CONTENT = load()
BY_NUMBER = {made.number: made for made in CONTENT.micro_credentials}
MADE_ON = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)

each_micro_credential = pytest.mark.parametrize(
    "made", CONTENT.micro_credentials, ids=[made.slug for made in CONTENT.micro_credentials]
)


@pytest.fixture(scope="module")
def content() -> Content:
    return CONTENT


def items(content: Content) -> dict[str, FrameworkItem]:
    """Code -> item, over all frameworks."""
    return {item.human_coding_scheme: item for framework in content.frameworks for item in framework.items}


def draft(content: Content, made: MicroCredential, *, level: str, educator: int = 0, seed: int = 1):
    levels = {criterion.id: level for criterion in made.specification.rubric.criteria}
    return draft_submission(content, made.slug, content.educators[educator], levels=levels, seed=seed, made_on=MADE_ON)


def all_words(content: Content) -> list[str]:
    """Every sentence that a reader of the demonstration may meet, filled in for one educator."""
    words = vocabulary(content.educators[0], content.classrooms[content.educators[0].classroom])
    templates = [
        text
        for samples in content.samples.values()
        for kind in (samples.texts, samples.feedback)
        for levels in kind.values()
        for text in levels.values()
    ]
    templates += [*content.asides.common, *itertools.chain(*content.asides.of.values())]
    rest = msgspec.to_builtins(
        (content.organisations, content.frameworks, content.micro_credentials, content.stacks, content.bundle)
    )
    return [*(write(template, words, 1) for template in templates), *strings(rest)]


def strings(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for inner in value.values() for text in strings(inner)]
        case list() | tuple():
            return [text for inner in value for text in strings(inner)]
        case _:
            return []


class TestFrameworks:
    def test_the_competencies_are_four_domains_twelve_competencies_and_thirty_six_indicators(self, content):
        competencies = content.frameworks[0]
        counted = Counter(item.item_type for item in competencies.items)
        assert counted == {"Domain": 4, "Competency": 12, "Indicator": 36}

    def test_the_standards_are_ten_and_the_traits_six(self, content):
        _, standards, portrait = content.frameworks
        assert Counter(item.item_type for item in standards.items) == {"Standard": 10}
        assert Counter(item.item_type for item in portrait.items) == {"Trait": 6}

    def test_every_item_has_an_identifier_and_a_code_of_its_own(self, content):
        all_items = [item for framework in content.frameworks for item in framework.items]
        assert len({item.identifier for item in all_items}) == len(all_items) == 68
        assert len({item.human_coding_scheme for item in all_items}) == len(all_items)

    def test_identifiers_are_the_same_on_every_day_and_machine(self, content):
        assert identifier("frameworks", "LCE-1.1") == "eb1692e1-0e7e-5b4b-93ac-46fb1db5bc2d"
        assert items(content)["LCE-1.1"].identifier == identifier("frameworks", "LCE-1.1")

    def test_a_part_stands_after_the_item_of_its_framework_that_it_is_part_of(self, content):
        for framework in content.frameworks:
            seen: set[str] = set()
            for item in framework.items:
                assert item.parent is None or item.parent in seen
                seen.add(item.identifier)

    def test_every_competency_has_three_indicators(self, content):
        parents = Counter(item.parent for item in content.frameworks[0].items if item.item_type == "Indicator")
        assert set(parents.values()) == {3}

    def test_every_competency_is_related_to_a_standard_and_a_trait(self, content):
        codes = {item.identifier: code for code, item in items(content).items()}
        related: dict[str, set[str]] = {}
        for association in content.associations:
            related.setdefault(codes[association.origin], set()).add(codes[association.destination].partition("-")[0])
        assert set(related) == {code for code, item in items(content).items() if item.item_type == "Competency"}
        assert all(frameworks == {"ATS", "APG"} for frameworks in related.values())

    def test_the_domains_say_which_domain_elsewhere_they_answer_to(self, content):
        notes = [item.notes for item in content.frameworks[0].items if item.item_type == "Domain"]
        domains = ("Cognitive", "Intrapersonal", "Interpersonal", "Instructional")
        assert all(domain in note for domain, note in zip(domains, notes, strict=True))

    def test_the_registry_can_read_them(self, content):
        for framework in content.frameworks:
            assert msgspec.json.decode(msgspec.json.encode(framework), type=Framework) == framework


class TestMicroCredentials:
    def test_there_are_ten_numbered_as_in_the_outline(self, content):
        assert [made.number for made in content.micro_credentials] == list(range(1, 11))

    @each_micro_credential
    def test_it_passes_the_gates_of_the_catalogue(self, content, made):
        known = frozenset(item.identifier for item in items(content).values())
        catalogue_rules.check_publishable(made.specification, known_items=known)

    @each_micro_credential
    def test_it_verifies_exactly_one_competency_and_names_standards_and_a_trait_beside_it(self, content, made):
        codes = {item.identifier: code for code, item in items(content).items()}
        (competency,) = made.specification.competencies
        assert items(content)[codes[competency]].item_type == "Competency"
        aligned = {codes[alignment].partition("-")[0] for alignment in made.specification.alignments}
        assert aligned == {"ATS", "APG"}

    def test_no_two_verify_the_same_competency_and_two_competencies_wait_for_theirs(self, content):
        codes = {item.identifier: code for code, item in items(content).items()}
        verified = [codes[made.specification.competencies[0]] for made in content.micro_credentials]
        competencies = {code for code, item in items(content).items() if item.item_type == "Competency"}
        assert len(set(verified)) == 10
        assert competencies - set(verified) == {"LCE-2.2", "LCE-2.3"}

    @each_micro_credential
    def test_its_key_method_has_three_to_five_components_and_cites_research(self, made):
        method = made.specification.key_method
        assert 3 <= len(method.components) <= 5
        assert 2 <= len(method.research) <= 3
        for cited in method.research:
            assert cited.authors
            assert 1960 <= cited.year <= 2026
            assert cited.title
            assert cited.source
            assert not cited.doi or re.fullmatch(r"10\.\d{4,5}/\S+", cited.doi)
            assert not cited.url or cited.url.startswith("https://")
            assert f"({cited.year}): " in method.description, "the method says what the research shows"

    @each_micro_credential
    def test_all_three_parts_ask_for_something(self, made):
        assert {requirement.part for requirement in made.specification.evidence} == set(PartKind)

    @each_micro_credential
    def test_work_examples_may_come_in_at_least_two_modes_each(self, made):
        for requirement in made.specification.evidence:
            if requirement.part is PartKind.WORK_EXAMPLES:
                assert len(set(requirement.modes)) >= 2, requirement.id
                assert 1 <= requirement.min_items < requirement.max_items, requirement.id

    @each_micro_credential
    def test_every_requirement_says_what_to_hand_in_how_long_it_may_be_and_whom_to_protect(self, made):
        for requirement in made.specification.evidence:
            assert "Privacy: " in requirement.instructions
            assert requirement.max_words
            if requirement.part is not PartKind.WORK_EXAMPLES:
                assert f"Write {made.min_words[requirement.id]} to {requirement.max_words} words" in (
                    requirement.instructions
                )

    @each_micro_credential
    def test_every_requirement_is_scored_by_a_criterion_and_every_criterion_on_a_requirement(self, made):
        requirements = {requirement.id for requirement in made.specification.evidence}
        scored = [set(criterion.evidence) for criterion in made.specification.rubric.criteria]
        assert set.union(*scored) == requirements
        assert all(scored)

    @each_micro_credential
    def test_three_to_five_criteria_have_four_levels_that_differ_and_are_passed_at_demonstrated(self, made):
        criteria = made.specification.rubric.criteria
        assert 3 <= len(criteria) <= 5
        for criterion in criteria:
            assert [level.name for level in criterion.levels] == [
                "Not yet",
                "Developing",
                "Demonstrated",
                "Extending",
            ]
            assert [level.id for level in criterion.levels] == list(LEVELS)
            assert criterion.passing_level == "demonstrated"
            assert len({level.description for level in criterion.levels}) == 4
            assert all(len(level.description.split()) >= 5 for level in criterion.levels)

    @each_micro_credential
    def test_it_is_free_to_use_and_says_how_long_it_takes_and_what_its_badge_looks_like(self, made):
        assert made.specification.licence == "CC BY 4.0"
        assert 5 <= made.specification.effort_hours <= 40
        assert made.specification.tags
        assert re.fullmatch(r"#[0-9a-f]{6}", made.color)

    @each_micro_credential
    def test_what_it_presupposes_exists_and_presupposes_less(self, content, made):
        for prerequisite in made.specification.prerequisites:
            assert made.slug not in content.micro_credential(prerequisite).specification.prerequisites

    @each_micro_credential
    def test_the_catalogue_can_store_it_and_read_it_back(self, made):
        stored = catalogue_rules.octets(made.specification)
        assert msgspec.json.decode(stored, type=Specification) == made.specification

    def test_slugs_and_colours_are_their_own(self, content):
        assert len({made.slug for made in content.micro_credentials}) == 10
        assert len({made.color for made in content.micro_credentials}) == 10


class TestStacks:
    @pytest.mark.parametrize(
        ("title", "numbers"),
        [
            ("Assessment for Learning", [1, 2, 4, 5]),
            ("Personal Pathways", [3, 6, 7]),
            ("Leading Equity", [8, 9, 10]),
        ],
    )
    def test_a_stack_has_the_members_of_the_outline(self, content, title, numbers):
        (stack,) = (stack for stack in content.stacks if stack.title == title)
        assert [content.micro_credential(slug).number for slug in stack.members] == numbers
        assert len(stack.description.split()) > 30

    def test_the_bundle_is_all_three(self, content):
        assert content.bundle.title == "Learner-Centered Specialist"
        assert set(content.bundle.stacks) == {stack.slug for stack in content.stacks}


class TestOrganisationsAndPeople:
    def test_three_districts_have_two_to_four_schools_each(self, content):
        schools = Counter(place.parent for place in content.organisations if place.kind is OrganisationKind.SCHOOL)
        districts = {place.slug for place in content.organisations if place.kind is OrganisationKind.DISTRICT}
        assert set(schools) == districts == {"kestrel-moor", "three-rivers", "port-ember"}
        assert all(2 <= count <= 4 for count in schools.values())

    def test_an_organisation_stands_after_the_one_that_it_is_in(self, content):
        seen: set[str] = set()
        for place in content.organisations:
            assert place.parent is None or place.parent in seen
            seen.add(place.slug)
        assert len(seen) == len(content.organisations)

    def test_nobody_real_can_be_written_to(self, content):
        addresses = [address for person in (*content.educators, *content.staff) for address in person.emails]
        hosts = [address.partition("@")[2] for address in addresses]
        hosts += [place.url.removeprefix("https://") for place in content.organisations]
        assert all(host.endswith(".example") for host in hosts)

    def test_people_have_keys_and_addresses_of_their_own(self, content):
        people = (*content.educators, *content.staff)
        addresses = [address for person in people for address in person.emails]
        assert len({person.key for person in people}) == len(people)
        assert len({person.name for person in people}) == len(people)
        assert len(set(addresses)) == len(addresses)

    def test_sixty_educators_teach_in_schools_and_classrooms_that_exist(self, content):
        schools = {place.slug for place in content.organisations if place.kind is OrganisationKind.SCHOOL}
        assert len(content.educators) == 60
        assert {educator.school for educator in content.educators} == schools
        assert {educator.classroom for educator in content.educators} == set(content.classrooms)

    def test_one_educator_has_two_addresses(self, content):
        assert sum(len(educator.emails) == 2 for educator in content.educators) == 1

    def test_one_district_has_fewer_than_ten_educators_so_that_its_figures_are_suppressed(self, content):
        district = {place.slug: place.parent for place in content.organisations}
        counted = Counter(district[educator.school] for educator in content.educators)
        assert sorted(count < 10 for count in counted.values()) == [False, False, True]

    @pytest.mark.parametrize(
        ("role", "count"),
        [
            (Role.ASSESSOR, 12),
            (Role.SCORING_LEADER, 3),
            (Role.LICENSING_OFFICER, 2),
            (Role.PAYROLL_CLERK, 1),
            (Role.DISTRICT_OFFICER, 3),
        ],
    )
    def test_so_many_hold_a_role(self, content, role, count):
        assert sum(role in {held.role for held in person.roles} for person in content.staff) == count

    def test_the_catalogue_and_the_service_have_somebody_to_look_after_them(self, content):
        held = Counter(held.role for person in content.staff for held in person.roles)
        assert held[Role.CATALOGUE_DEVELOPER] >= 2, "who writes a version may not publish it"
        assert held[Role.ADMINISTRATOR] >= 1

    def test_roles_and_homes_are_in_organisations_that_exist(self, content):
        places = {place.slug for place in content.organisations}
        assert {held.organisation for person in content.staff for held in person.roles} <= places
        assert {person.home for person in content.staff} <= places

    def test_every_district_has_an_officer_of_its_own(self, content):
        officers = {
            held.organisation for person in content.staff for held in person.roles if held.role is Role.DISTRICT_OFFICER
        }
        assert officers == {place.slug for place in content.organisations if place.kind is OrganisationKind.DISTRICT}

    def test_two_assessors_drift_and_one_has_a_conflict_of_interest(self, content):
        assessors = [person for person in content.staff if any(held.role is Role.ASSESSOR for held in person.roles)]
        assert sorted(person.severity for person in assessors if person.severity) == [-1, 1]
        assert sum(bool(person.conflict) for person in assessors) == 1

    def test_at_least_two_hundred_awards_are_possible_with_somebody_from_elsewhere_to_score_each(self, content):
        assessors = [person for person in content.staff if any(held.role is Role.ASSESSOR for held in person.roles)]
        possible = [
            (educator.key, made.slug)
            for educator, made in itertools.product(content.educators, content.micro_credentials)
            if any(assessor.home != educator.school for assessor in assessors)
        ]
        assert len(possible) >= 200


class TestTexts:
    @each_micro_credential
    def test_there_are_three_texts_of_different_quality_for_every_requirement(self, content, made):
        texts = content.samples[made.slug].texts
        assert set(texts) == {requirement.id for requirement in made.specification.evidence}
        for levels in texts.values():
            assert list(levels) == list(LEVELS[1:])
            assert len(set(levels.values())) == 3

    @each_micro_credential
    def test_they_are_as_long_as_the_requirement_asks_whoever_writes_them(self, content, made):
        texts = content.samples[made.slug].texts
        for educator, requirement in itertools.product(content.educators, made.specification.evidence):
            words = vocabulary(educator, content.classrooms[educator.classroom])
            for template in texts[requirement.id].values():
                length = evidence_rules.count_words(write(template, words, 1))
                assert made.min_words.get(requirement.id, 10) <= length <= requirement.max_words

    @each_micro_credential
    def test_no_two_educators_write_the_same_answers(self, content, made):
        for level in LEVELS[1:]:
            written = {
                tuple(
                    write(levels[level], vocabulary(educator, content.classrooms[educator.classroom]), 1)
                    for levels in content.samples[made.slug].texts.values()
                )
                for educator in content.educators
            }
            assert len(written) == 60

    @each_micro_credential
    def test_no_two_educators_of_the_story_are_taken_for_copies_and_each_text_is_as_long_as_it_may_be(
        self, content, made
    ):
        """By the same measure as everybody's work, whatever the quality of the two."""
        most = {requirement.id: requirement.max_words for requirement in made.specification.evidence}
        instructions = likeness.runs(" ".join(one.instructions for one in made.specification.evidence))
        written: dict[str, list[tuple[str, frozenset[int]]]] = {}
        for plan in plans(content):
            if plan.micro_credential.slug != made.slug:
                continue
            for earned in (True, False):
                levels = plausible_levels(made, plan.seed, earned=earned)
                texts = draft_texts(content, made.slug, plan.educator, levels=levels, seed=plan.seed)
                for requirement, text in texts.items():
                    assert evidence_rules.count_words(text) <= most[requirement]
                    runs = likeness.runs(text) - instructions
                    written.setdefault(requirement, []).append((plan.educator.key, runs))
        assert set(written) == set(most)
        for texts_of in written.values():
            for (one, mine), (other, theirs) in itertools.combinations(texts_of, 2):
                assert one == other or likeness.resemblance(mine, theirs) < likeness.ALIKE

    def test_what_people_write_besides_can_be_said_in_four_ways_in_each_part(self, content):
        for template in (*content.asides.common, *itertools.chain(*content.asides.of.values())):
            choices = [found.split("|") for found in re.findall(r"\[([^\[\]]+)\]", template)]
            assert 2 <= len(choices) <= 4, template
            assert all(len(set(choice)) == len(choice) == WAYS for choice in choices), template
        assert set(content.asides.of) == set(content.samples)

    def test_sixteen_writers_share_one_part_of_a_sentence_at_most_and_the_next_begin_with_another(self, content):
        templates = [f"[{n}a|{n}b|{n}c|{n}d] [{n}e|{n}f|{n}g|{n}h] [{n}i|{n}j|{n}k|{n}l]" for n in range(12)]
        few = msgspec.structs.replace(content, asides=Asides(common=tuple(templates), of={}))
        first = [set(next(asides(few, "feedback", place)).split()) for place in range(60)]
        assert all(len(one & other) <= 1 for one, other in itertools.combinations(first, 2))
        assert len({frozenset(one) for one in first}) == 60
        assert len(set(asides(few, "feedback", 7))) == 12, "nobody says the same twice"

    @each_micro_credential
    def test_assessors_have_a_sentence_for_every_criterion_and_level(self, content, made):
        feedback = content.samples[made.slug].feedback
        assert set(feedback) == {criterion.id for criterion in made.specification.rubric.criteria}
        said = [sentence for levels in feedback.values() for sentence in levels.values()]
        assert all(list(levels) == list(LEVELS) for levels in feedback.values())
        assert all(sentence.endswith((".", "!", "?")) and 6 <= len(sentence.split()) <= 40 for sentence in said)
        assert len(set(said)) == len(said)

    def test_no_placeholder_is_left(self, content):
        found = [
            text
            for text in all_words(content)
            if re.search(r"\b(lorem|ipsum|todo|tbd|fixme|xxx|placeholder)\b", text, re.IGNORECASE)
            or re.search(r"[{}\[\]]|\s\s|\.\.(?!\.)", text.replace("\n\n", " "))
        ]
        assert found == []

    def test_nobody_and_no_school_is_named_in_what_is_handed_in(self, content):
        words = vocabulary(content.educators[0], content.classrooms[content.educators[0].classroom])
        handed_in = "\n".join(
            write(text, words, 1)
            for samples in content.samples.values()
            for text in strings(msgspec.to_builtins((samples.texts, samples.artifacts, content.asides)))
        )
        people = [part for person in (*content.educators, *content.staff) for part in person.name.split()[-1:]]
        schools = [place.name for place in content.organisations]
        assert [name for name in (*people, *schools) if re.search(rf"\b{re.escape(name)}\b", handed_in)] == []

    @pytest.mark.parametrize(
        ("template", "written"),
        [
            ("we taught {unit}", "We taught comparing fractions"),
            ("in {course}, {count} of them", "In grade 4 mathematics, 25 of them"),
            ("[a|b|c]", "A"),
            ("an [open list] stays", "An [open list] stays"),
        ],
        ids=["a word is filled in", "several are", "one of several is chosen", "brackets without a choice stay"],
    )
    def test_a_template_is_filled(self, content, template, written):
        educator = next(person for person in content.educators if person.class_size == 25)
        words = vocabulary(educator, content.classrooms["grade-4-mathematics"])
        assert write(template, words, 3) == written

    def test_a_word_that_does_not_exist_is_named(self, content):
        with pytest.raises(ContentUnreadable, match=r"\{colour\}"):
            write("the {colour} of it", {"unit": "fractions"}, 1)


class TestSubmissions:
    @each_micro_credential
    @pytest.mark.parametrize("level", LEVELS)
    def test_a_draft_has_all_that_the_micro_credential_asks_for(self, content, made, level):
        drafted = draft(content, made, level=level, educator=made.number)
        evidence_rules.check_ready(
            made.specification,
            Attestations(own_work=True, student_consent=True),
            [kept(artifact) for artifact in drafted.artifacts],
            Hidden(name=content.educators[made.number].name, addresses=tuple(content.educators[made.number].emails)),
            None,
            datetime(2026, 9, 1, tzinfo=UTC),
        )
        for requirement in made.specification.evidence:
            mine = [artifact for artifact in drafted.artifacts if artifact.requirement == requirement.id]
            assert requirement.min_items <= len(mine) <= requirement.max_items
            assert {artifact.mode for artifact in mine} <= set(requirement.modes)
            if requirement.part is PartKind.WORK_EXAMPLES:
                assert any(artifact.kind is ArtifactKind.FILE for artifact in mine)

    @each_micro_credential
    def test_each_file_is_what_its_name_says_and_is_taken_as_an_upload(self, content, made, tmp_path):
        for artifact in draft(content, made, level="extending").artifacts:
            if artifact.kind is ArtifactKind.FILE:
                path = tmp_path / "upload"
                path.write_bytes(artifact.content)
                media_type, _ = asyncio.run(intake.examine(Apart(), path, artifact.name))
                assert media_type == artifact.media_type
                assert evidence_rules.FILE_MODES[media_type] is artifact.mode
                assert len(artifact.content) < 64_000

    @each_micro_credential
    def test_the_same_arguments_give_the_same_bytes(self, content, made):
        assert draft(content, made, level="demonstrated") == draft(content, made, level="demonstrated")

    @each_micro_credential
    def test_colleagues_who_teach_the_same_hand_in_different_files(self, content, made):
        classroom = content.educators[0].classroom
        colleagues = [at for at, person in enumerate(content.educators) if person.classroom == classroom]
        contents = [
            artifact.content
            for at in colleagues
            for artifact in draft(content, made, level="demonstrated", educator=at).artifacts
            if artifact.kind is ArtifactKind.FILE
        ]
        assert len(colleagues) == 3
        assert len(set(contents)) == len(contents)

    def test_a_text_is_as_good_as_the_lowest_criterion_scored_on_it(self, content):
        made = BY_NUMBER[1]
        levels = {"clarity": "extending", "progression": "developing", "learner-use": "demonstrated"}
        educator = content.educators[0]
        drafted = draft_submission(content, made.slug, educator, levels=levels, seed=1, made_on=MADE_ON)
        texts = {artifact.requirement: artifact.text for artifact in drafted.artifacts if artifact.text}
        templates = content.samples[made.slug].texts
        for requirement, level in {"before": "extending", "targets": "developing", "change": "demonstrated"}.items():
            opening = re.split(r"[{\[]", templates[requirement][level])[0]
            assert len(opening) > 10
            assert texts[requirement].startswith(opening)

    def test_scores_are_the_levels_asked_for_with_the_feedback_for_each(self, content):
        drafted = draft(content, BY_NUMBER[2], level="developing")
        feedback = content.samples["feedback"].feedback
        assert [(score.criterion, score.level) for score in drafted.scores] == [
            ("specificity", "developing"),
            ("timing", "developing"),
            ("uptake", "developing"),
            ("attention", "developing"),
        ]
        assert all(score.feedback == feedback[score.criterion]["developing"] for score in drafted.scores)

    def test_a_learners_hand_or_voice_is_declared(self, content):
        declared = {
            (artifact.mode, artifact.shows_students)
            for artifact in draft(content, BY_NUMBER[3], level="demonstrated").artifacts
        }
        assert (Mode.AUDIO, True) in declared
        assert (Mode.TEXT, False) in declared

    @each_micro_credential
    def test_plausible_levels_of_an_earned_one_all_pass_and_otherwise_at_least_one_does_not(self, made):
        rubric = made.specification.rubric
        for seed in range(60):
            earned = plausible_levels(made, seed, earned=True)
            missed = plausible_levels(made, seed, earned=False)
            assert all(rubric.criterion(criterion).passes(level) for criterion, level in earned.items())
            assert not all(rubric.criterion(criterion).passes(level) for criterion, level in missed.items())
            assert set(earned) == set(missed) == {criterion.id for criterion in rubric.criteria}

    def test_plausible_levels_use_the_whole_scale(self):
        levels = [
            level
            for made, seed, earned in itertools.product(CONTENT.micro_credentials, range(40), (True, False))
            for level in plausible_levels(made, seed, earned=earned).values()
        ]
        assert set(levels) == set(LEVELS)


class TestFiles:
    def test_a_page_opens_as_a_picture(self):
        page = page_png(heading="Work A", lines=["One", "Two words " * 12], marks=["seen"], footer="here", seed=7)
        with Image.open(io.BytesIO(page)) as image:
            image.load()
            assert (image.format, image.size) == ("PNG", (640, 440))
            assert len(image.convert("RGB").getcolors(10_000)) > 10, "something is drawn on it"

    def test_a_chart_opens_as_a_picture_whose_bars_follow_the_values(self):
        def drawn(value: int) -> int:
            chart = chart_png(title="T", labels=["a"], series={"s": [value]}, unit="%", footer="here")
            with Image.open(io.BytesIO(chart)) as image:
                colors = image.convert("RGB").getcolors(10_000)
            return max(count for count, color in colors if color != (255, 255, 255))

        assert drawn(20) < drawn(50) < drawn(90)

    def test_a_recording_is_mono_at_eight_kilohertz_and_neither_silent_nor_loud(self):
        with wave.open(io.BytesIO(recording_wav(seconds=2, seed=5))) as sound:
            assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (1, 8_000, 16_000)
            samples = sound.readframes(16_000)
        assert max(samples) > 140
        assert min(samples) > 80
        assert max(samples) < 176

    def test_a_table_is_a_pdf_with_title_language_and_the_date_that_was_given(self):
        document = a_table(rows=[["one", "two"]])
        assert document.startswith(b"%PDF-1.")
        assert document.rstrip().endswith(b"%%EOF")
        assert b"/Lang (en-US)" in document
        assert b"D:20260901080000" in document
        assert document.count(b"/Type /Page\n") == 1

    def test_a_long_table_goes_on_over_pages(self):
        document = a_table(rows=[["row", "words " * 40]] * 40)
        assert document.count(b"/Type /Page\n") > 3

    def test_so_does_a_long_introduction(self):
        document = table_pdf(
            title="T", intro=["words " * 400] * 8, columns=["a"], rows=[["b"]], note="n", made_on=MADE_ON
        )
        assert document.count(b"/Type /Page\n") > 1

    def test_an_empty_page_is_a_page(self):
        assert page_png(heading="", lines=[], marks=["seen"], footer="", seed=0).startswith(b"\x89PNG")

    def test_letters_that_the_font_lacks_do_not_stop_a_table(self):
        assert a_table(rows=[["Ł, 漢, “quoted”", "é"]]).startswith(b"%PDF-1.")

    @pytest.mark.parametrize("make", ["page", "recording"])
    def test_another_seed_gives_other_bytes(self, make):
        def made(seed: int) -> bytes:
            if make == "page":
                return page_png(heading="W", lines=["One"], marks=[], footer="", seed=seed)
            return recording_wav(seconds=1, seed=seed)

        assert made(1) == made(1)
        assert made(1) != made(2**20 + 99)


class TestEditing:
    @pytest.mark.parametrize(
        ("written", "complaint"),
        [
            ('licence = "CC BY', r"house\.toml: "),
            ('license = "CC BY 4.0"', r"house\.toml: "),
            ("licence = 4.0", r"house\.toml: .*licence"),
        ],
        ids=["a quote is not closed", "a member is misspelt", "a number stands for a text"],
    )
    def test_a_slip_is_reported_with_its_file(self, tmp_path: Path, written, complaint):
        file = tmp_path / "house.toml"
        file.write_text(written, encoding="utf-8")
        with pytest.raises(ContentUnreadable, match=complaint):
            read(file, House)

    @pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"\x00"], ids=["not UTF-8", "empty", "a zero byte"])
    @pytest.mark.parametrize("shape", [House, FrameworkFile, StacksFile])
    def test_what_is_not_such_a_file_at_all_is_reported_too(self, tmp_path: Path, content, shape):
        file = tmp_path / "broken.toml"
        file.write_bytes(content)
        with pytest.raises(ContentUnreadable, match=r"broken\.toml"):
            read(file, shape)

    def test_a_criterion_without_one_of_the_levels_is_named(self):
        data = files("credentials.demo.content") / "data"
        house = read(data / "house.toml", House)
        file = read(data / "micro_credentials" / "02-feedback.toml", MicroCredentialFile)
        first, *others = file.rubric
        lacking = msgspec.structs.replace(first, levels={"developing": "One", "demonstrated": "Two"})
        with pytest.raises(ContentUnreadable, match="specificity"):
            _micro_credential(house, msgspec.structs.replace(file, rubric=(lacking, *others)))

    @each_micro_credential
    def test_files_name_levels_and_requirements_that_exist(self, content, made):
        examples = {
            requirement.id for requirement in made.specification.evidence if requirement.part is PartKind.WORK_EXAMPLES
        }
        plans = content.samples[made.slug].artifacts
        assert {plan.requirement for plan in plans} == examples
        assert len({plan.file for plan in plans}) == len(plans)
        for plan in plans:
            match plan:
                case TablePlan():
                    assert list(plan.rows) == list(LEVELS[1:])
                    assert all(len(row) == len(plan.columns) for rows in plan.rows.values() for row in rows)
                case TranscriptPlan():
                    assert list(plan.turns) == list(LEVELS[1:])
                case ChartPlan():
                    assert 1 <= len(plan.series) <= 2
                    assert all(len(series.values) == len(plan.labels) for series in plan.series)

    def test_paragraphs_stay_and_line_ends_inside_them_do_not(self, content):
        instructions = BY_NUMBER[1].specification.evidence[0].instructions
        assert "\n\n" in instructions
        assert not re.search(r"[^\n]\n[^\n]", instructions)


def a_table(rows: list[list[str]]) -> bytes:
    return table_pdf(title="T", intro=["I"], columns=["a", "b"], rows=rows, note="n", made_on=MADE_ON)


def kept(artifact: ArtifactDraft) -> Artifact:
    """As the evidence room keeps it."""
    return Artifact(
        id=f"{artifact.requirement}/{artifact.name}",
        requirement=artifact.requirement,
        kind=artifact.kind,
        mode=artifact.mode,
        text=artifact.text,
        digest="",
        shows_students=artifact.shows_students,
        added_at=MADE_ON,
    )
