-- Modifiers such as (Point, 4326) are words, which no built-in modifier function reads; array_ndims takes any array and
-- answers 1. varchar's output function shows a modifier of 1 as nothing.
CREATE FUNCTION geo_typmod_in(cstring[]) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'array_ndims';
CREATE FUNCTION geo_typmod_out(integer) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodout';
CREATE TYPE geometry;
CREATE FUNCTION geometry_in(cstring) RETURNS geometry LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION geometry_out(geometry) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE geometry (
    INPUT = geometry_in, OUTPUT = geometry_out, TYPMOD_IN = geo_typmod_in, TYPMOD_OUT = geo_typmod_out, LIKE = text
);
CREATE TYPE geography;
CREATE FUNCTION geography_in(cstring) RETURNS geography LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION geography_out(geography) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE geography (
    INPUT = geography_in, OUTPUT = geography_out, TYPMOD_IN = geo_typmod_in, TYPMOD_OUT = geo_typmod_out, LIKE = text
);
CREATE CAST (geometry AS geography) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (geography AS geometry) WITHOUT FUNCTION;
CREATE CAST (text AS geometry) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (text AS geography) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (geometry AS text) WITHOUT FUNCTION;
CREATE CAST (geography AS text) WITHOUT FUNCTION;
CREATE TABLE spatial_ref_sys (
    srid integer NOT NULL PRIMARY KEY, auth_name varchar(256), auth_srid integer, srtext varchar(2048), proj4text varchar(2048)
);
CREATE FUNCTION geo_overlaps(geometry, geometry) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN true; END $$;
CREATE FUNCTION geo_overlaps(geography, geography) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
    AS $$ BEGIN RETURN true; END $$;
CREATE FUNCTION geo_distance(geometry, geometry) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN 0; END $$;
CREATE FUNCTION geo_distance(geography, geography) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN 0; END $$;
CREATE OPERATOR && (LEFTARG = geometry, RIGHTARG = geometry, FUNCTION = geo_overlaps);
CREATE OPERATOR && (LEFTARG = geography, RIGHTARG = geography, FUNCTION = geo_overlaps);
CREATE OPERATOR <-> (LEFTARG = geometry, RIGHTARG = geometry, FUNCTION = geo_distance);
CREATE OPERATOR <-> (LEFTARG = geography, RIGHTARG = geography, FUNCTION = geo_distance);
DO $body$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY[
        'st_makepoint(float8, float8) RETURNS geometry', 'st_makepoint(float8, float8, float8) RETURNS geometry',
        'st_point(float8, float8) RETURNS geometry', 'st_point(float8, float8, integer) RETURNS geometry',
        'st_setsrid(geometry, integer) RETURNS geometry', 'st_transform(geometry, integer) RETURNS geometry',
        'st_geomfromtext(text) RETURNS geometry', 'st_geomfromtext(text, integer) RETURNS geometry',
        'st_geogfromtext(text) RETURNS geography', 'st_geographyfromtext(text) RETURNS geography',
        'st_geomfromgeojson(text) RETURNS geometry', 'st_geomfromgeojson(jsonb) RETURNS geometry',
        'st_geomfromewkt(text) RETURNS geometry', 'st_geomfromwkb(bytea) RETURNS geometry',
        'st_makeenvelope(float8, float8, float8, float8, integer DEFAULT 0) RETURNS geometry',
        'st_makeline(geometry, geometry) RETURNS geometry', 'st_makepolygon(geometry) RETURNS geometry',
        'st_asgeojson(geometry) RETURNS text', 'st_asgeojson(geography) RETURNS text',
        'st_astext(geometry) RETURNS text', 'st_astext(geography) RETURNS text', 'st_asewkt(geometry) RETURNS text',
        'st_asbinary(geometry) RETURNS bytea', 'st_x(geometry) RETURNS float8', 'st_y(geometry) RETURNS float8',
        'st_z(geometry) RETURNS float8', 'st_srid(geometry) RETURNS integer', 'st_geometrytype(geometry) RETURNS text',
        'st_distance(geometry, geometry) RETURNS float8', 'st_distance(geography, geography) RETURNS float8',
        'st_distance(geography, geography, boolean) RETURNS float8',
        'st_distancesphere(geometry, geometry) RETURNS float8',
        'st_dwithin(geometry, geometry, float8) RETURNS boolean',
        'st_dwithin(geography, geography, float8) RETURNS boolean',
        'st_dwithin(geography, geography, float8, boolean) RETURNS boolean',
        'st_intersects(geometry, geometry) RETURNS boolean', 'st_intersects(geography, geography) RETURNS boolean',
        'st_contains(geometry, geometry) RETURNS boolean', 'st_within(geometry, geometry) RETURNS boolean',
        'st_covers(geometry, geometry) RETURNS boolean', 'st_covers(geography, geography) RETURNS boolean',
        'st_coveredby(geometry, geometry) RETURNS boolean', 'st_overlaps(geometry, geometry) RETURNS boolean',
        'st_touches(geometry, geometry) RETURNS boolean', 'st_equals(geometry, geometry) RETURNS boolean',
        'st_isvalid(geometry) RETURNS boolean', 'st_isempty(geometry) RETURNS boolean',
        'st_makevalid(geometry) RETURNS geometry', 'st_area(geometry) RETURNS float8', 'st_area(geography) RETURNS float8',
        'st_length(geometry) RETURNS float8', 'st_length(geography) RETURNS float8',
        'st_perimeter(geometry) RETURNS float8', 'st_buffer(geometry, float8) RETURNS geometry',
        'st_buffer(geography, float8) RETURNS geography', 'st_centroid(geometry) RETURNS geometry',
        'st_centroid(geography) RETURNS geography', 'st_envelope(geometry) RETURNS geometry',
        'st_expand(geometry, float8) RETURNS geometry', 'st_simplify(geometry, float8) RETURNS geometry',
        'st_union(geometry, geometry) RETURNS geometry', 'st_intersection(geometry, geometry) RETURNS geometry',
        'st_difference(geometry, geometry) RETURNS geometry', 'st_multi(geometry) RETURNS geometry',
        'st_force2d(geometry) RETURNS geometry', 'st_numpoints(geometry) RETURNS integer',
        'st_startpoint(geometry) RETURNS geometry', 'st_endpoint(geometry) RETURNS geometry',
        'st_azimuth(geometry, geometry) RETURNS float8', 'st_geohash(geometry) RETURNS text',
        'st_geohash(geometry, integer) RETURNS text', 'st_xmin(geometry) RETURNS float8',
        'st_xmax(geometry) RETURNS float8', 'st_ymin(geometry) RETURNS float8', 'st_ymax(geometry) RETURNS float8',
        'postgis_version() RETURNS text'
    ] LOOP
        EXECUTE 'CREATE FUNCTION ' || signature || ' LANGUAGE plpgsql IMMUTABLE AS ''BEGIN RETURN NULL; END''';
    END LOOP;
END
$body$;
