-- Partitions for a province: the tables that grow with every visit and every check-in, divided by
-- campaign, and the log of who did what, divided by age. docs/operating.md says when it is worth it.
--
-- Stop the servers, back up, then run it once, as the owner of the tables:
--
--     psql --single-transaction --set ON_ERROR_STOP=1 --file docs/partitioning.sql tongxing
--
-- It copies those tables, so the disk must have room for them twice. Nothing else changes: the same
-- names, numbers, indexes and figures. What must change is what a divided table asks for: its keys
-- hold the campaign, and references to it name the campaign too. PostgreSQL 15 or newer.

CREATE FUNCTION pg_temp.divide_by_campaign(divided text, parts integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    whole text := divided || '_whole';
    indexes text[];
    foreign_keys text[];
    pointing text[];
    sequence text := pg_get_serial_sequence(divided, 'id');
    statement text;
BEGIN
    -- Indexes other than the primary key; a unique one has to hold the campaign.
    SELECT array_agg(CASE
            WHEN i.indisunique AND NOT c.attnum = ANY (i.indkey::smallint[])
            THEN regexp_replace(pg_get_indexdef(i.indexrelid), 'USING btree \(', 'USING btree (campaign, ')
            ELSE pg_get_indexdef(i.indexrelid)
        END)
        INTO indexes
        FROM pg_index i JOIN pg_attribute c ON c.attrelid = i.indrelid AND c.attname = 'campaign'
        WHERE i.indrelid = divided::regclass AND NOT i.indisprimary;
    SELECT array_agg(format('ALTER TABLE %I ADD CONSTRAINT %I %s', divided, conname, pg_get_constraintdef(oid)))
        INTO foreign_keys
        FROM pg_constraint WHERE conrelid = divided::regclass AND contype = 'f' AND conparentid = 0;
    -- What points here, with the campaign beside the number. Where the one that is pointed at may
    -- go, only the number is forgotten.
    SELECT array_agg(format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname))
        || array_agg(format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (%I, campaign)'
            ' REFERENCES %I (id, campaign) ON UPDATE CASCADE ON DELETE %s',
            conrelid::regclass, conname, a.attname, divided,
            CASE confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT'
                WHEN 'n' THEN format('SET NULL (%I)', a.attname) ELSE 'NO ACTION' END))
        INTO pointing
        FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.confrelid = divided::regclass AND k.contype = 'f' AND k.conparentid = 0;

    FOREACH statement IN ARRAY COALESCE(pointing, '{}') LOOP
        IF statement LIKE '%DROP CONSTRAINT%' THEN EXECUTE statement; END IF;
    END LOOP;
    EXECUTE format('ALTER TABLE %I RENAME TO %I', divided, whole);
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)'
        ' PARTITION BY HASH (campaign)', divided, whole);
    FOR part IN 0 .. parts - 1 LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
            divided || '_' || part, divided, parts, part);
    END LOOP;
    EXECUTE format('INSERT INTO %I SELECT * FROM %I', divided, whole);
    EXECUTE format('ALTER SEQUENCE %s OWNED BY %I.id', sequence, divided);
    EXECUTE format('DROP TABLE %I', whole);
    -- Found by number alone it is looked for in every part, so the number comes first.
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id, campaign)', divided);
    FOREACH statement IN ARRAY COALESCE(indexes, '{}') || COALESCE(foreign_keys, '{}') LOOP
        EXECUTE statement;
    END LOOP;
    FOREACH statement IN ARRAY COALESCE(pointing, '{}') LOOP
        IF statement LIKE '%ADD CONSTRAINT%' THEN EXECUTE statement; END IF;
    END LOOP;
END $$;

CREATE FUNCTION pg_temp.divide_by_number(divided text, each_holds bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    whole text := divided || '_whole';
    indexes text[];
    foreign_keys text[];
    sequence text := pg_get_serial_sequence(divided, 'id');
    last bigint;
    statement text;
BEGIN
    SELECT array_agg(pg_get_indexdef(indexrelid)) INTO indexes
        FROM pg_index WHERE indrelid = divided::regclass AND NOT indisprimary;
    SELECT array_agg(format('ALTER TABLE %I ADD CONSTRAINT %I %s', divided, conname, pg_get_constraintdef(oid)))
        INTO foreign_keys FROM pg_constraint WHERE conrelid = divided::regclass AND contype = 'f';
    EXECUTE format('SELECT COALESCE(MAX(id), 0) FROM %I', divided) INTO last;
    EXECUTE format('ALTER TABLE %I RENAME TO %I', divided, whole);
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)'
        ' PARTITION BY RANGE (id)', divided, whole);
    -- What there is, and ten parts to come; what nobody has made room for goes into the last.
    FOR part IN 0 .. last / each_holds + 10 LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)',
            divided || '_' || part, divided, part * each_holds, (part + 1) * each_holds);
    END LOOP;
    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', divided || '_rest', divided);
    EXECUTE format('INSERT INTO %I SELECT * FROM %I', divided, whole);
    EXECUTE format('ALTER SEQUENCE %s OWNED BY %I.id', sequence, divided);
    EXECUTE format('DROP TABLE %I', whole);
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id)', divided);
    FOREACH statement IN ARRAY COALESCE(indexes, '{}') || COALESCE(foreign_keys, '{}') LOOP
        EXECUTE statement;
    END LOOP;
END $$;

SELECT pg_temp.divide_by_campaign(name, 16)
    FROM unnest(ARRAY['condolence_line', 'condolence_goods', 'volunteer_attendance', 'volunteer_punch']) AS name;
SELECT pg_temp.divide_by_number('audit_entry', 10000000);
ANALYZE condolence_line, condolence_goods, volunteer_attendance, volunteer_punch, audit_entry;
