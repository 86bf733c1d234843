"""The official `deepl` client, unmodified, against a server of ours: glossaries of both generations, errors, translation."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import deepl
import httpx
import pytest
from deepl.api_data import MultilingualGlossaryDictionaryEntries as Entries
from deepl.api_data import MultilingualGlossaryInfo

from jobs.states import JobState
from studio.glossaries import services
from studio.glossaries.models import Glossary, GlossaryVersion
from studio.projects import services as projects
from studio.projects.models import Project, Role
from tests import factories

EN_DE = {"artist": "Maler", "prize": "Gewinn", "own funds": "Eigenmittel"}
DE_EN = {"Maler": "artist", "Preis": "prize"}


@pytest.fixture
def project(transactional_db: None) -> Project:
    return projects.create("Finance", None)


@pytest.fixture
def client_for(live_server: Any) -> Callable[[str], deepl.DeepLClient]:
    """Makes a client that asks our server and does not wait long: `client_for(key)`."""
    deepl.http_client.max_network_retries = 0

    def make(key: str) -> deepl.DeepLClient:
        return deepl.DeepLClient(key, server_url=live_server.url)

    return make


@pytest.fixture
def client(client_for: Callable[[str], deepl.DeepLClient], project: Project) -> deepl.DeepLClient:
    return client_for(factories.api_key(project, Role.EDITOR))


def entries_of(client: deepl.DeepLClient, glossary: Any, source: str, target: str) -> dict[str, str]:
    found = client.get_multilingual_glossary_entries(glossary, source, target).dictionaries
    text = found[0].entries
    return dict(line.split("\t") for line in text.split("\n")) if text else {}


def counts(glossary: MultilingualGlossaryInfo) -> dict[tuple[str, str], int]:
    return {(each.source_lang, each.target_lang): each.entry_count for each in glossary.dictionaries}


def test_dictionaries_come_back_as_they_were_pushed(client: deepl.DeepLClient, project: Project) -> None:
    made = client.create_multilingual_glossary(
        "House", [Entries("EN-US", "DE", EN_DE), Entries("DE", "EN", DE_EN)]
    )

    assert made.name == "House"
    assert counts(made) == {("EN", "DE"): 3, ("DE", "EN"): 2}
    assert entries_of(client, made, "EN", "DE") == EN_DE
    assert entries_of(client, made, "de", "en-GB") == DE_EN
    assert [each.glossary_id for each in client.list_multilingual_glossaries()] == [made.glossary_id]
    again = client.get_multilingual_glossary(made.glossary_id)
    assert (again.name, again.creation_time, counts(again)) == (made.name, made.creation_time, counts(made))
    glossary = Glossary.objects.get(project=project)
    assert glossary.versions.get().stats["concepts"] == 4


def test_a_csv_is_pushed_and_read_back(client: deepl.DeepLClient) -> None:
    text = 'sourceEntry1,targetEntry1,en,de\n"last, best",zuletzt,en,de\n'
    made = client.create_multilingual_glossary_from_csv("CSV", "en", "de", text)

    assert entries_of(client, made, "en", "de") == {"sourceEntry1": "targetEntry1", "last, best": "zuletzt"}


def test_an_update_adds_and_changes_and_leaves_the_rest(client: deepl.DeepLClient) -> None:
    made = client.create_multilingual_glossary("House", [Entries("en", "de", EN_DE)])
    renamed = client.update_multilingual_glossary_name(made, "Style")
    changed = client.update_multilingual_glossary_dictionary(
        made, Entries("en", "de", {"prize": "Preis", "bond": "Anleihe"})
    )

    assert renamed.name == changed.name == "Style"
    assert entries_of(client, made, "en", "de") == EN_DE | {"prize": "Preis", "bond": "Anleihe"}
    added = client.update_multilingual_glossary_dictionary_from_csv(made, "en", "fr", "bond,obligation\n")
    assert counts(added) == {("EN", "DE"): 4, ("EN", "FR"): 1}
    numbers = GlossaryVersion.objects.order_by("number").values_list("number", "published_by")
    assert [number for number, _ in numbers] == [1, 2, 3]


def test_a_change_in_one_direction_leaves_the_other_as_it_was(client: deepl.DeepLClient) -> None:
    made = client.create_multilingual_glossary(
        "House", [Entries("en", "de", EN_DE), Entries("de", "en", DE_EN)]
    )
    client.update_multilingual_glossary_dictionary(made, Entries("en", "de", {"artist": "Künstler"}))

    assert entries_of(client, made, "en", "de") == EN_DE | {"artist": "Künstler"}
    assert entries_of(client, made, "de", "en") == DE_EN


def test_a_replaced_dictionary_says_the_new_entries_alone(client: deepl.DeepLClient) -> None:
    made = client.create_multilingual_glossary(
        "House", [Entries("en", "de", EN_DE), Entries("de", "en", DE_EN)]
    )
    said = client.replace_multilingual_glossary_dictionary(
        made, Entries("en", "de", {"prize": "Preis", "note": "Anmerkung"})
    )

    assert (said.source_lang, said.target_lang, said.entry_count) == ("EN", "DE", 2)
    assert entries_of(client, made, "en", "de") == {"prize": "Preis", "note": "Anmerkung"}
    assert entries_of(client, made, "de", "en") == DE_EN
    client.replace_multilingual_glossary_dictionary_from_csv(made, "en", "de", "a,b\n")
    assert entries_of(client, made, "en", "de") == {"a": "b"}


def test_many_sources_may_have_one_target(client: deepl.DeepLClient) -> None:
    pushed = {"car": "Auto", "automobile": "Auto", "Auto": "Auto"}
    made = client.create_multilingual_glossary(
        "Cars", [Entries("en", "de", pushed), Entries("de", "en", {"Auto": "car"})]
    )

    assert entries_of(client, made, "en", "de") == pushed
    assert entries_of(client, made, "de", "en") == {"Auto": "car"}


def test_dictionaries_and_glossaries_are_deleted(client: deepl.DeepLClient) -> None:
    made = client.create_multilingual_glossary(
        "House", [Entries("en", "de", EN_DE), Entries("de", "en", DE_EN)]
    )

    client.delete_multilingual_glossary_dictionary(made, source_lang="EN", target_lang="DE")
    assert counts(client.get_multilingual_glossary(made.glossary_id)) == {("DE", "EN"): 2}
    assert entries_of(client, made, "de", "en") == DE_EN
    with pytest.raises(deepl.GlossaryNotFoundException, match="no dictionary 'en-de'"):
        client.get_multilingual_glossary_entries(made, "en", "de")
    client.delete_multilingual_glossary_dictionary(
        made, client.get_multilingual_glossary(made.glossary_id).dictionaries[0]
    )
    assert client.get_multilingual_glossary(made.glossary_id).dictionaries == []
    client.delete_multilingual_glossary(made)
    assert client.list_multilingual_glossaries() == []
    with pytest.raises(deepl.GlossaryNotFoundException):
        client.delete_multilingual_glossary(made)


def test_glossaries_of_the_older_generation(client: deepl.DeepLClient) -> None:
    made = client.create_glossary("Old", "EN", "DE", EN_DE)
    from_csv = client.create_glossary_from_csv("Old CSV", "EN", "ZH", "net profit,净利润\n")

    assert (made.source_lang, made.target_lang, made.entry_count, made.ready) == ("EN", "DE", 3, True)
    assert client.get_glossary_entries(made) == EN_DE
    assert client.get_glossary_entries(from_csv) == {"net profit": "净利润"}
    assert {each.name for each in client.list_glossaries()} == {"Old", "Old CSV"}
    assert client.get_glossary(made.glossary_id).name == "Old"
    client.delete_glossary(made)
    with pytest.raises(deepl.GlossaryNotFoundException):
        client.get_glossary(made.glossary_id)


def test_languages_pairs_and_usage_are_told(client: deepl.DeepLClient) -> None:
    assert "ZH" in {each.code.upper() for each in client.get_source_languages()}
    assert "DE" in {each.code.upper() for each in client.get_target_languages()}
    pairs = {(each.source_lang, each.target_lang) for each in client.get_glossary_languages()}
    assert ("en", "zh") in pairs
    assert not client.get_usage().any_limit_reached


def test_a_glossary_made_in_the_browser_shows_its_pairs(client: deepl.DeepLClient, project: Project) -> None:
    from corpus.glossary.terms import Concept
    from studio.glossaries import publishing

    terms = [
        {"lang": "en-GB", "text": "turnover"}, {"lang": "en-GB", "text": "net sales", "status": "admitted"},
        {"lang": "en-GB", "text": "sales", "status": "forbidden"}, {"lang": "zh-Hans", "text": "营业额"},
    ]  # fmt: skip
    publishing.create(project, "Browser", "bob", (Concept.model_validate({"uid": "c001", "terms": terms}),))

    found = client.list_multilingual_glossaries()[0]
    assert counts(found) == {("EN", "ZH"): 2, ("ZH", "EN"): 1}
    assert entries_of(client, found, "en", "zh") == {"turnover": "营业额", "net sales": "营业额"}
    client.update_multilingual_glossary_dictionary(found, Entries("en", "zh", {"turnover": "营业收入"}))
    assert entries_of(client, found, "zh", "en") == {"营业收入": "turnover"}
    newest = Glossary.objects.get().versions.order_by("-number").first()
    assert newest is not None
    assert newest.concepts.get().terms.filter(status="forbidden").exists()


def test_the_same_name_again_gets_a_number(client: deepl.DeepLClient) -> None:
    names = [
        client.create_multilingual_glossary("Same", [Entries("en", "de", {"a": "b"})]).name for _ in range(3)
    ]

    assert names == ["Same", "Same (2)", "Same (3)"]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ("a\tb\na\tc", "line 2 has the source 'a' again"),
        ("only one", "line 1 has 0 tabs"),
        ("\tb", "lacks a source"),
        ("x" * 257 + "\tb", "256 characters"),
        ("a\u202e\tb", "forbidden character"),
        ("", "entries"),
    ],
)
def test_bad_entries_are_a_bad_request_and_leave_nothing(
    client: deepl.DeepLClient, live_server: Any, project: Project, entries: str, words: str
) -> None:
    key = factories.api_key(project, Role.EDITOR)
    body = {
        "name": "Bad",
        "dictionaries": [
            {"source_lang": "en", "target_lang": "de", "entries": entries, "entries_format": "tsv"}
        ],
    }
    answer = httpx.post(
        f"{live_server.url}/v3/glossaries", json=body, headers={"Authorization": f"DeepL-Auth-Key {key}"}
    )

    assert answer.status_code == 400
    assert words in answer.json()["message"]
    assert not Glossary.objects.exists()


def test_the_client_raises_what_it_raises_at_deepl(
    client: deepl.DeepLClient, client_for: Callable[[str], deepl.DeepLClient], project: Project
) -> None:
    with pytest.raises(deepl.AuthorizationException):
        client_for("sk-studio-wrong").list_multilingual_glossaries()
    with pytest.raises(deepl.AuthorizationException, match="role editor"):
        client_for(factories.api_key(project, Role.VIEWER)).create_glossary("a", "en", "de", {"a": "b"})
    with pytest.raises(deepl.DeepLException, match="language code") as caught:
        client.create_multilingual_glossary("a", [Entries("deutsch!", "en", {"a": "b"})])
    assert caught.value.http_status_code == 400
    with pytest.raises(deepl.DeepLException, match="the same language"):
        client.create_multilingual_glossary("a", [Entries("en", "en", {"a": "b"})])
    with pytest.raises(deepl.GlossaryNotFoundException):
        client.get_multilingual_glossary("not-an-id")


def test_a_stranger_sees_none_of_it(
    client: deepl.DeepLClient, client_for: Callable[[str], deepl.DeepLClient]
) -> None:
    made = client.create_multilingual_glossary("House", [Entries("en", "de", EN_DE)])
    stranger = client_for(factories.api_key(projects.create("Elsewhere", None), Role.OWNER))

    assert stranger.list_multilingual_glossaries() == []
    with pytest.raises(deepl.GlossaryNotFoundException):
        stranger.get_multilingual_glossary(made.glossary_id)
    with pytest.raises(deepl.GlossaryNotFoundException):
        stranger.delete_multilingual_glossary(made)


def test_translation_without_a_model_says_so(client: deepl.DeepLClient) -> None:
    with pytest.raises(deepl.DeepLException, match="No model of this project is deployed") as caught:
        client.translate_text("Hello", target_lang="DE")
    assert caught.value.http_status_code == 404


class Server(http.server.BaseHTTPRequestHandler):
    """A model server that repeats what it was told."""

    asked: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body)
        said = {"choices": [{"message": {"role": "assistant", "content": "Der Maler malt."}}]}
        content = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def model_server() -> Iterator[str]:
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    running.server_close()


def test_a_deployed_model_is_told_the_terms_that_the_text_has(
    client: deepl.DeepLClient, project: Project, model_server: str
) -> None:
    factories.deployment(project, JobState.RUNNING, url=model_server)
    made = client.create_multilingual_glossary("House", [Entries("en", "de", EN_DE)])

    said = client.translate_text("The artist paints.", source_lang="EN", target_lang="DE", glossary=made)

    assert (said.text, said.detected_source_lang) == ("Der Maler malt.", "EN")
    system = Server.asked[-1]["messages"][0]["content"]
    assert '"artist": "Maler"' in system
    assert "Eigenmittel" not in system


def test_the_glossary_is_the_one_that_the_browser_shows(client: deepl.DeepLClient) -> None:
    made = client.create_multilingual_glossary("House", [Entries("en", "de", EN_DE)])
    by_our_id = client.get_multilingual_glossary(services.public_id(Glossary.objects.get()))

    assert by_our_id.glossary_id == made.glossary_id
