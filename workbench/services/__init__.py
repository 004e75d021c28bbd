"""Use cases: import, analyse, select, label, export. The composition root; knows no Qt."""
