"""Pay, from a rule to a run.

An officer drafts a rule, somebody else records its approval, and it begins on a later day. An educator claims on an award; it
is verified at that moment. An officer decides: what the rule gives goes into the ledger, under the lock of the recogniser's
book, so that caps are counted one claim after another. A clerk exports a period: what is due is paid, once. When an award is
withdrawn a case is opened, and a person decides.
"""
