-- Roles and schemas of the services: each service has one role, which owns one schema and nothing else.
-- Run by psql as a superuser: by infra/local/postgres.py, and by the container on its first start.
-- Can be run again: it adds what is missing and sets the passwords, which come only from the environment.
-- For another database than `warmpath`: psql -v database=NAME.
\set ON_ERROR_STOP on
\set QUIET on
\if :{?database}
\else
  \set database warmpath
\endif
\getenv postings_password WARMPATH_POSTINGS_PASSWORD
\getenv profiles_password WARMPATH_PROFILES_PASSWORD
\getenv notifications_password WARMPATH_NOTIFICATIONS_PASSWORD
\getenv introductions_password WARMPATH_INTRODUCTIONS_PASSWORD

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['postings', 'profiles', 'notifications', 'introductions']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE postings LOGIN PASSWORD :'postings_password';
ALTER ROLE profiles LOGIN PASSWORD :'profiles_password';
ALTER ROLE notifications LOGIN PASSWORD :'notifications_password';
ALTER ROLE introductions LOGIN PASSWORD :'introductions_password';
ALTER ROLE postings SET search_path = postings;
ALTER ROLE profiles SET search_path = profiles;
ALTER ROLE notifications SET search_path = notifications;
ALTER ROLE introductions SET search_path = introductions;

SELECT format('CREATE DATABASE %I', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

\connect :database
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO postings, profiles, notifications, introductions;
CREATE SCHEMA IF NOT EXISTS postings AUTHORIZATION postings;
CREATE SCHEMA IF NOT EXISTS profiles AUTHORIZATION profiles;
CREATE SCHEMA IF NOT EXISTS notifications AUTHORIZATION notifications;
CREATE SCHEMA IF NOT EXISTS introductions AUTHORIZATION introductions;
