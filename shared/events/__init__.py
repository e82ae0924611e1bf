"""The contracts of the topics: one module a topic, and the envelope they travel in.

A value is JSON; a state topic's key is the entity's id and a null value is its tombstone. Readers ignore unknown
fields, new fields are optional, and a field's meaning never changes inside a version. Events are thin: ids,
companies, titles, skills and dates, never a name or an e-mail address.
"""
