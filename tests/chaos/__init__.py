"""Faults under a steady load on a real Kafka and a real Valkey, and a comparison of sets after them.

``articles`` writes the news of a seed, ``schedule`` what goes wrong; ``system`` runs everything as processes,
``faults`` does the harm, ``publishing`` keeps the load steady, ``reading`` looks how far everybody has got.

Then ``checks`` compares what the topics and Redis hold: one verdict an article, each mention in one live event, no
source twice, Redis equal to `events`, dead letters only of poison. ``answers`` adds the strictest comparison there is:
what each stage sent and stored is, byte for byte and as often, what its code answers to the committed messages of its
input in their order. ``replaying`` sends dead letters and good messages again, of which nothing may come.

`make test` runs a short version and rebuilds of Redis and of all local tables; `make chaos` (``python -m tests.chaos``)
a long one that prints its figures.
"""
