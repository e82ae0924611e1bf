"""The contracts of the topics, one module per topic, and the envelope that records are sent in.

A value is JSON. In a state topic the key is the entity's id, and a null value is its tombstone. Readers ignore unknown
fields, new fields are optional, and within a version a field's meaning never changes. Events are thin: ids, companies,
titles, skills and dates, never a name or an e-mail address.
"""
