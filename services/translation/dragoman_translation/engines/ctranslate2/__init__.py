"""Models of CTranslate2: OPUS-MT, M2M-100, MADLAD, NLLB and Argos packages.

`models` finds them and `codes` names their languages; `engine` cuts texts into sentences, `batches` gathers
those of several sessions, and `child`, a process of its own, translates them: `loaded`, `tokens`, `decoding`.
"""
