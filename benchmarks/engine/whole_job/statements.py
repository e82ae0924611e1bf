"""The whole job in SQL that DuckDB and PostgreSQL both read.

Both hold the tables of `tables.py`, and two more that each makes in the form that suits it: `near_arcs`, the arcs out
of those who seek, and `links`, the warm arcs that lead on to somebody who introduces. Doubles are multiplied in the
order of the rules, so that scores are equal to the last digit.
"""

from benchmarks.engine.whole_job.requests import SEPARATOR
from services.matching.rules.fit import FITS_FROM, LEVELS_APART

_FIT = """
  floor(10000 * (
    0.6 * least(cast(1 as double precision), cast(found as double precision) / openings.enough)
    + 0.25 * cast(case when openings.title = searches.title then 1
        when offered.kind = sought.kind then 0.5 else 0 end as double precision)
    + 0.15 * (1 - cast(abs(openings.level - searches.level) as double precision) / 3)
  ) + 0.5 + 1e-6) / 10000
"""

_FITTING = f"""
  select searches.person as seeker, openings.opening, {_FIT} as fit
  from counted join searches on searches.person = counted.person
    join openings on openings.opening = counted.opening
    join titles offered on offered.title = openings.title join titles sought on sought.title = searches.title
  where abs(openings.level - searches.level) < {LEVELS_APART}
    and not exists (
      select 1 from jobs where jobs.person = searches.person and jobs.company = openings.company)
"""
"""Without any of its skills an opening fits nobody: title and level alone come to less than enough."""

_STANDING = """
  cast(case when jobs.title = {0}.title then 1 when held.kind = {0}.kind or held.recruiting then 0.85
    else 0.6 end as double precision)
"""

_BEST_THREE = """
best as (
  select *, row_number() over (
    partition by seeker, opening, introducer order by score desc, direct desc, insider) as choice
  from paths where score > 0
),
three as (
  select *, row_number() over (partition by seeker, opening order by score desc, introducer) as place
  from best where choice = 1
)
"""

_FRESH = f"""
select seeker, opening, cast(place as integer) as place, fit, introducer, insider, score, three.warm, app,
  concat_ws('{SEPARATOR}', nullif(kinds.words, ''), nullif(counts.words, '')) as reasons
from three join kinds on kinds.mine = three.mine and kinds.theirs = three.theirs
  join counts on counts.counted = three.counted
where place <= 3
"""


def _fits(counted: str) -> str:
    return f"""
with counted as (
  select person, opening, count(*) as found from search_skills join opening_skills using (skill)
  where {counted} group by person, opening
)
select * from ({_FITTING}) fitting where fit >= {FITS_FROM}
"""


FITS_OF_OPENING = _fits("opening = $1")
FITS_OF_PERSON = _fits("person = $1")
ALL_FITS = _fits("true")

_PAIRS = """
pairs as (
  select seeker, {0}.opening, company, openings.title, kind, fit
  from {0} join openings on openings.opening = {0}.opening join titles on titles.title = openings.title
  where {1}
)
"""

FRESH_OF_OPENING = f"""
with {_PAIRS.format("fits", "fits.opening = $1")},
insiders as (
  select person, max({_STANDING.format("openings")}) as standing
  from jobs join titles held on held.title = jobs.title,
    (select openings.title, kind from openings join titles on titles.title = openings.title where opening = $1) openings
  where company = $2 group by person
),
valued as (
  select source as who, target as insider, onward * standing as value
  from links join insiders on target = person
),
most as (select who, max(value) as value from valued group by who),
reach as (
  -- Of values that differ by less than rounding can change, the final score decides.
  select valued.who, valued.value, min(insider) as insider from valued join most on most.who = valued.who
  where valued.value >= most.value * (1 - 1e-12) group by valued.who, valued.value
),
paths as (
  select seeker, opening, fit, target as introducer, insider, near * value as score, true as warm, true as app,
    0 as direct, mine, theirs, counted
  from pairs join near_arcs on source = seeker join reach on target = who
  where pair and open and near_arcs.warm
  union all
  select seeker, opening, fit, target, target, 2 * near * standing, warm, open, 1, mine, theirs, counted
  from pairs join near_arcs on source = seeker join insiders on target = insiders.person
  where own
),
{_BEST_THREE} {_FRESH}
"""
"""From the insiders inward. $1: the opening, $2: its company."""

_OUTWARD = f"""
steps as (select * from near_arcs where source in (select seeker from pairs)),
candidates as (
  select steps.source as seeker, steps.target as introducer, links.target as insider, near, links.onward,
    0 as direct, true as warm, true as app, mine, theirs, counted
  from steps join (select source, target, onward from links) links on links.source = steps.target
  where pair and open and steps.warm and links.target <> steps.source
  union all
  select source, target, target, near, null, 1, warm, open, mine, theirs, counted from steps where own
),
placed as materialized (
  select candidates.*, company, jobs.title as title_held, kind as kind_held, recruiting
  from candidates join jobs on person = insider join titles on titles.title = jobs.title
),
reached as (
  select placed.*, opening, fit,
    cast(case when title_held = pairs.title then 1 when kind_held = pairs.kind or recruiting then 0.85
      else 0.6 end as double precision) as standing
  from placed join pairs on pairs.seeker = placed.seeker and pairs.company = placed.company
),
paths as (
  select seeker, opening, fit, introducer, insider,
    case when direct = 1 then 2 * near * standing else near * (onward * standing) end as score,
    warm, app, direct, mine, theirs, counted
  from reached
),
{_BEST_THREE} {_FRESH}
"""

FRESH_OF_PEOPLE = f"with {_PAIRS.format('fits', 'seeker in (select person from dirty)')}, {_OUTWARD}"
"""From the seekers in `dirty` outward, to all openings that fit them."""

FRESH_OF_PAIRS = f"with {_PAIRS.format('dirty_pairs', 'true')}, {_OUTWARD}"
"""From the seekers of some pairs outward, to these openings alone."""

INTRODUCERS = """
with insiders as (select distinct person from jobs where company = $2),
steps as (select * from arcs where source = $1),
paths as (
  select steps.target as introducer, far.target as insider, steps.near * (far.onward * 1.0) as score,
    steps.warm and far.warm as warm, true as app, 0 as direct
  from steps join arcs far on far.source = steps.target join insiders on far.target = person
  where steps.pair and steps.open and far.own and far.open and far.target <> $1
  union all
  select target, target, 2 * near * 1.0, warm, open, 1 from steps join insiders on target = person where own
),
best as (
  select *, row_number() over (partition by introducer order by score desc, direct desc, insider) as choice
  from paths where score > 0
)
select introducer, insider, score, warm, app from best where choice = 1 order by score desc, introducer
"""
"""$1: the person, $2: the company."""

DIRTY_PAIRS = """
select distinct seeker, opening, fit from suggestions where introducer = $1 or insider = $1
"""
"""Nobody stops introducing and is thereby better placed than the best three: only what they stand in can change."""

LINE = "seeker, opening, place, fit, introducer, insider, score, warm, app, reasons"

NEW_ARCS = """
insert into arcs
select source, target, mine, theirs, 0, -1, strength, onward, 0, mine > 0, pair, introduces, warm
from new_ties join kinds using (mine, theirs) join people on person = target
"""

GROWN = """
with triangles as (
  select new_ties.source as u, new_ties.target as v, one.target as w
  from new_ties join arcs one on one.source = new_ties.source
    join arcs other on other.source = new_ties.target and other.target = one.target
),
gained as (
  select distinct source, target, third from (
    select u as source, w as target, v as third from triangles union all select w, u, v from triangles
    union all select u, v, w from triangles) found
)
select source, target, count(*) as more from gained group by source, target
"""
"""Mutual contacts that new ties bring: of each pair in a triangle with a new side, the third one."""

RECOUNTED = """
with crossed as (
  select person from people join (select source, count(*) as more from new_ties group by source) fresh
    on person = source
  where degree >= {few} and degree - more < {few}
),
touched as (
  select source, target from grown union select source, target from new_ties
  union select source, target from arcs where source in (select person from crossed)
  union select source, target from arcs where target in (select person from crossed)
)
select arcs.source, arcs.target, mutual + coalesce(more, 0) as mutual,
  case when one.degree >= {few} and other.degree >= {few} then mutual + coalesce(more, 0) else -1 end as counted,
  counted as was, strength, new_ties.source is not null as fresh
from touched join arcs on arcs.source = touched.source and arcs.target = touched.target
  left join grown on grown.source = arcs.source and grown.target = arcs.target
  left join new_ties on new_ties.source = arcs.source and new_ties.target = arcs.target
  join people one on one.person = arcs.source join people other on other.person = arcs.target
"""
"""The arcs whose mutual count, or whether it counts, may have moved; `{few}` ties make it count."""

DIRTY_PEOPLE = """
select distinct person from (
  select source as person from recounted where fresh or counted <> was
  union
  select near_arcs.source from near_arcs join new_ties on near_arcs.target = new_ties.source
    join links on links.source = new_ties.source and links.target = new_ties.target
  where near_arcs.pair and near_arcs.open and near_arcs.warm
) found where person in (select person from searches)
"""
"""Who seeks and has an arc that changed, or may ask somebody who gained a link."""

NEW_DEGREES = """
update people set degree = degree + more
from (select source, count(*) as more from new_ties group by source) fresh where person = source
"""

RECOUNT = """
update arcs set mutual = recounted.mutual, counted = recounted.counted, near = 0.5 * recounted.strength * bridge * 0.5
from recounted join counts on counts.counted = recounted.counted
where arcs.source = recounted.source and arcs.target = recounted.target
  and (fresh or recounted.mutual <> arcs.mutual or recounted.counted <> arcs.counted)
"""

CHANGED = """
select seeker, opening from (select * from fresh except select * from held) new_or_other
union select seeker, opening from (select * from held except select * from fresh) gone_or_other
"""

DELETE_CHANGED = """
delete from suggestions using changed
where suggestions.seeker = changed.seeker and suggestions.opening = changed.opening
"""

INSERT_CHANGED = """
insert into suggestions
select fresh.* from fresh join changed on fresh.seeker = changed.seeker and fresh.opening = changed.opening
"""

CHANGED_LINES = """
select changed.seeker, changed.opening, place, fit, introducer, insider, score, warm, app, reasons
from changed left join fresh on fresh.seeker = changed.seeker and fresh.opening = changed.opening
order by 1, 2, 3
"""
