"""Universal Dependencies in, the scheme of the English pipelines out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.extractor.arguments import is_passive, objects, subjects
from services.extractor.provenance import offsets, printed
from services.extractor.scheme_tree import Node
from services.extractor.status import status
from services.extractor.triggers import find
from tests.unit.extractor.rendered import parsed, renderer, tree

PASSIVE = parsed("""
1 Deux deux NUM _ 2 nummod
2 marins marin NOUN Number=Plur 6 nsubj:pass
3 indiens indien ADJ Number=Plur 2 amod
4 ont avoir AUX Mood=Ind|Number=Plur|Tense=Pres|VerbForm=Fin 6 aux:tense
5 été être AUX Tense=Past|VerbForm=Part 6 aux:pass
6 arrêtés arrêter VERB Number=Plur|Tense=Past|VerbForm=Part 0 root
7 par par ADP _ 9 case
8 la le DET Definite=Def 9 det
9 police police NOUN Number=Sing 6 obl:agent
10 à à ADP _ 11 case
11 Moscou Moscou PROPN _ 6 obl:mod
12 . . PUNCT _ 6 punct
""")

FUTURE = parsed("""
1 La le DET Definite=Def 2 det
2 France France PROPN _ 3 nsubj
3 retirera retirer VERB Mood=Ind|Number=Sing|Tense=Fut|VerbForm=Fin 0 root
4 ses son DET Number=Plur|Poss=Yes 5 det
5 troupes troupe NOUN Number=Plur 3 obj
6 du de ADP _ 7 case
7 Tchad Tchad PROPN _ 3 obl:arg
8 . . PUNCT _ 3 punct
""")

REFUSED = parsed("""
1 Le le DET Definite=Def 2 det
2 gouverneur gouverneur NOUN Number=Sing 4 nsubj
3 a avoir AUX Mood=Ind|Number=Sing|Tense=Pres|VerbForm=Fin 4 aux:tense
4 refusé refuser VERB Tense=Past|VerbForm=Part 0 root
5 de de ADP _ 6 mark
6 démissionner démissionner VERB VerbForm=Inf 4 xcomp
7 . . PUNCT _ 4 punct
""")

NEGATED = parsed("""
1 Israël Israël PROPN _ 5 nsubj
2 n' ne ADV Polarity=Neg 5 advmod
3 a avoir AUX Mood=Ind|Number=Sing|Tense=Pres|VerbForm=Fin 5 aux:tense
4 pas pas ADV Polarity=Neg 5 advmod
5 libéré libérer VERB Tense=Past|VerbForm=Part 0 root
6 les le DET Definite=Def 7 det
7 prisonniers prisonnier NOUN Number=Plur 5 obj
8 . . PUNCT _ 5 punct
""")

MODAL = parsed("""
1 Les le DET Definite=Def 2 det
2 États-Unis États-Unis PROPN _ 3 nsubj
3 pourraient pouvoir VERB Mood=Cnd|Number=Plur|Tense=Pres|VerbForm=Fin 0 root
4 bombarder bombarder VERB VerbForm=Inf 3 xcomp
5 le le DET Definite=Def 6 det
6 Yémen Yémen PROPN _ 4 obj
7 . . PUNCT _ 3 punct
""")

COPULA = parsed("""
1 Les le DET Definite=Def 2 det
2 pilotes pilote NOUN Number=Plur 5 nsubj
3 sont être AUX Mood=Ind|Number=Plur|Tense=Pres|VerbForm=Fin 5 cop
4 toujours toujours ADV _ 5 advmod
5 prêts prêt ADJ Number=Plur 0 root
6 . . PUNCT _ 5 punct
""")

TITLE = parsed("""
1 Le le DET Definite=Def 2 det
2 président président NOUN Number=Sing 7 nsubj
3 moldave moldave ADJ _ 2 amod
4 Andrei Andrei PROPN _ 2 appos
5 Costea Costea PROPN _ 4 flat:name
6 a avoir AUX Mood=Ind|Number=Sing|Tense=Pres|VerbForm=Fin 7 aux:tense
7 démissionné démissionner VERB Tense=Past|VerbForm=Part 0 root
8 . . PUNCT _ 7 punct
""")


def test_a_passive_has_its_auxiliary_agent_and_prepositions_as_in_english() -> None:
    doc = renderer().render(PASSIVE)
    assert doc.text == "two Indian sailors have been arrested by the police in Moscow."
    found = tree(doc)
    assert found["sailors"] == ("NNS", "nsubjpass", "arrested")
    assert found["been"] == ("VBN", "auxpass", "arrested")
    assert found["by"] == ("IN", "agent", "arrested")
    assert found["police"] == ("NN", "pobj", "by")
    assert found["Moscow"] == ("NNP", "pobj", "in")
    verb = next(token for token in doc if token.text == "arrested")
    assert is_passive(verb)
    assert [token.text for token in subjects(verb)] == ["police"]
    assert [token.text for token in objects(verb)] == ["sailors"]


def test_a_future_tense_becomes_will() -> None:
    doc = renderer().render(FUTURE)
    assert doc.text == "France will withdraw its troops from Chad."
    (trigger,) = find(doc, None)
    assert (trigger.type, status(trigger).value) == ("withdrawal", "planned")


def test_the_infinitive_under_a_refusal_is_denied() -> None:
    doc = renderer().render(REFUSED)
    assert doc.text == "the governor has refused to resign."
    resignation = next(trigger for trigger in find(doc, None) if trigger.type == "resignation")
    assert status(resignation).value == "denied"


def test_a_negation_of_two_words_is_one() -> None:
    doc = renderer().render(NEGATED)
    assert doc.text == "Israel has not released the prisoners."
    assert tree(doc)["not"] == ("RB", "neg", "released")
    (trigger,) = find(doc, None)
    assert status(trigger).value == ""


def test_a_modal_verb_becomes_the_auxiliary_of_its_infinitive() -> None:
    doc = renderer().render(MODAL)
    assert doc.text == "United States could bombard Yemen."
    assert tree(doc)["could"] == ("MD", "aux", "bombard")
    (trigger,) = find(doc, None)
    assert status(trigger).value == "considered"


def test_a_copula_is_the_head_of_its_clause() -> None:
    found = tree(renderer().render(COPULA))
    assert found["are"] == ("VBP", "ROOT", "are")
    assert found["pilots"] == ("NNS", "nsubj", "are")
    assert found["ready"] == ("JJ", "acomp", "are")


def test_title_and_nationality_stand_before_the_name_whose_last_word_is_the_head() -> None:
    doc = renderer().render(TITLE)
    assert doc.text == "the Moldovan president Andrei Costea has resigned."
    found = tree(doc)
    assert found["Costea"] == ("NNP", "nsubj", "resigned")
    assert found["president"] == ("NN", "compound", "Costea")
    assert found["Andrei"] == ("NNP", "compound", "Costea")


def test_every_rendered_word_knows_where_it_stands_in_the_article() -> None:
    doc = renderer().render(PASSIVE)
    for token in doc:
        begin, end = offsets(token)
        assert 0 <= begin < end <= len(PASSIVE.text)
    assert printed(doc, "Indian sailors") == "marins indiens"
    assert printed(doc, "Moscow") == "Moscou"
    assert printed(doc, "not in the sentence") == "not in the sentence"


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30))
def test_however_words_are_hung_they_stay_a_tree(steps: list[tuple[int, int]]) -> None:
    nodes = [Node(str(number), str(number), "NOUN", {}, "dep", number, number, number + 1) for number in range(8)]
    for below, above in steps:
        nodes[below].hang(nodes[above], "dep")
        for node in nodes:
            seen = 0
            top = node
            while top.head is not None and seen <= len(nodes):
                assert top.head.kids.count(top) == 1
                top, seen = top.head, seen + 1
            assert seen < len(nodes)


def test_a_word_hung_below_its_own_dependent_goes_under_it() -> None:
    outer, inner = (Node(name, name, "NOUN", {}, "dep", 0, 0, 1) for name in ("outer", "inner"))
    inner.hang(outer, "nmod")
    outer.hang(inner, "amod")
    assert (inner.head, outer.head, outer.dep) == (None, inner, "amod")


WORDS = (
    "a",
    "La",
    "police",
    "arrêté",
    "des",
    "frappes",
    "israéliennes",
    "12",
    "500",
    "n'",
    "pas",
    "de",
    "Paris",
    "enquête",
)
UPOS = ("NOUN", "VERB", "ADJ", "AUX", "DET", "ADP", "PROPN", "NUM", "ADV", "PRON", "PUNCT")
DEPS = ("amod", "nmod", "obj", "nsubj", "nsubj:pass", "aux:tense", "aux:pass", "case", "det", "obl:mod", "acl:relcl",
        "advcl", "conj", "appos", "dep", "advmod", "cop", "nummod", "xcomp", "ccomp", "mark", "flat:name")  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_any_tree_is_rendered(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 14))
    root = data.draw(st.integers(0, count - 1))
    order = data.draw(st.permutations([each for each in range(count) if each != root]))
    heads, placed = {root: 0}, [root]
    for each in order:
        heads[each] = data.draw(st.sampled_from(placed)) + 1
        placed.append(each)
    lines = []
    for each in range(count):
        word, upos = data.draw(st.sampled_from(WORDS)), data.draw(st.sampled_from(UPOS))
        dep = "root" if each == root else data.draw(st.sampled_from(DEPS))
        lines.append(f"{each + 1} {word} {word} {upos} _ {heads[each]} {dep}")
    rendered = renderer().render(parsed("\n".join(lines)))
    assert all(token.head is not None for token in rendered)
