"""Words of the house as frozen types, and the ports that the layers above implement.

This room knows numpy and pyarrow only. It must not read files of a case, open a
database, know a log format, or hold state.
"""
