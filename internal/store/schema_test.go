package store_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/store"
	"gatehouse/internal/store/postgres"
	"gatehouse/internal/store/postgres/postgrestest"
	"gatehouse/internal/store/sqlite"
	"gatehouse/internal/store/sqlstore"
)

// Each query gives one line for each column, key, reference or index, in words that both engines share. Types are those of
// the values: a truth is a number on SQLite, so it is called one on both.
const (
	sqliteColumns = `
SELECT t.name || '.' || c.name || ' ' || CASE c.type WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytes' ELSE 'number' END ||
	CASE WHEN c."notnull" OR c.pk THEN '' ELSE ' or null' END
FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'goose%' AND t.name NOT LIKE 'sqlite%'`
	postgresColumns = `
SELECT table_name || '.' || column_name || ' ' ||
	CASE data_type WHEN 'text' THEN 'text' WHEN 'bytea' THEN 'bytes' WHEN 'bigint' THEN 'number' WHEN 'boolean' THEN 'number' ELSE data_type END ||
	CASE is_nullable WHEN 'NO' THEN '' ELSE ' or null' END
FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE 'goose%'`

	sqliteKeys = `
SELECT t.name || ' primary ' || (SELECT group_concat(c.name ORDER BY c.pk) FROM pragma_table_info(t.name) c WHERE c.pk)
FROM sqlite_schema t WHERE t.type = 'table' AND t.name NOT LIKE 'goose%' AND t.name NOT LIKE 'sqlite%'
UNION ALL
SELECT t.name || CASE WHEN i."unique" THEN ' unique ' ELSE ' index ' END ||
	coalesce((SELECT group_concat(c.name ORDER BY c.seqno) FROM pragma_index_info(i.name) c), -- none: an expression
		(SELECT substr(s.sql, instr(s.sql, '(') + 1, instr(s.sql, ') WHERE') - instr(s.sql, '(') - 1) FROM sqlite_schema s WHERE s.name = i.name)) ||
	CASE WHEN i.partial THEN (SELECT ' where ' || substr(s.sql, instr(s.sql, ' WHERE ') + 7) FROM sqlite_schema s WHERE s.name = i.name) ELSE '' END ||
	CASE i.origin WHEN 'c' THEN ' named ' || i.name ELSE '' END
FROM sqlite_schema t, pragma_index_list(t.name) i WHERE t.type = 'table' AND i.origin <> 'pk' AND t.name NOT LIKE 'goose%'`
	postgresKeys = `
SELECT t.relname || CASE WHEN i.indisprimary THEN ' primary ' WHEN i.indisunique THEN ' unique ' ELSE ' index ' END ||
	(SELECT string_agg(trim(BOTH '"' FROM pg_get_indexdef(i.indexrelid, n, true)), ',' ORDER BY n) FROM generate_series(1, i.indnatts) n) ||
	coalesce(' where ' || replace(trim(BOTH '()' FROM pg_get_expr(i.indpred, i.indrelid)), '::text', ''), '') ||
	CASE WHEN EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) THEN '' ELSE ' named ' || x.relname END
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
WHERE t.relnamespace = current_schema()::regnamespace AND t.relname NOT LIKE 'goose%'`

	sqliteReferences = `
SELECT t.name || '.' || r."from" || ' to ' || r."table" || '.' || r."to"
FROM sqlite_schema t, pragma_foreign_key_list(t.name) r WHERE t.type = 'table'`
	postgresReferences = `
SELECT t.relname || '.' || a.attname || ' to ' || f.relname || '.' || b.attname
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1] JOIN pg_attribute b ON b.attrelid = f.oid AND b.attnum = c.confkey[1]
WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace`
)

// TestSchemas: the migrations of the two engines have the same numbers and make the same tables, keys and indexes.
func TestSchemas(t *testing.T) {
	postgresURL := postgrestest.URL(t)
	path := filepath.Join(t.TempDir(), "a.db")
	lite := describe(t, "sqlite", path, "sqlite:"+path, []string{sqliteColumns, sqliteKeys, sqliteReferences})
	post := describe(t, "pgx", postgresURL, postgresURL, []string{postgresColumns, postgresKeys, postgresReferences})
	if len(lite) < 80 {
		t.Fatalf("the description of SQLite has only %d lines: %q", len(lite), lite)
	}
	for _, line := range lite {
		if !slices.Contains(post, line) {
			t.Errorf("only on SQLite: %s", line)
		}
	}
	for _, line := range post {
		if !slices.Contains(lite, line) {
			t.Errorf("only on PostgreSQL: %s", line)
		}
	}
}

func describe(t *testing.T, driver, dsn, storeURL string, queries []string) []string {
	t.Helper()
	s, err := store.Open(t.Context(), storeURL, store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var lines []string
	for _, q := range queries {
		rows, err := db.QueryContext(t.Context(), q)
		if err != nil {
			t.Fatalf("%s: %v", driver, err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, line)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(lines)
	return lines
}

// TestMigrationNumbers holds the two engines' files to the same names, numbered without gaps.
func TestMigrationNumbers(t *testing.T) {
	lite, err := sqlite.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	post, err := postgres.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	a, b := fileNames(t, lite), fileNames(t, post)
	if !slices.Equal(a, b) {
		t.Errorf("SQLite has %v, PostgreSQL has %v", a, b)
	}
	for i, name := range a {
		if !strings.HasPrefix(name, fmt.Sprintf("%04d_", i+1)) {
			t.Errorf("migration %d is called %s", i+1, name)
		}
	}
	if latest, err := lite.Latest(); err != nil || latest != int64(len(a)) {
		t.Errorf("the latest of %d migrations is %d, %v", len(a), latest, err)
	}
}

func fileNames(t *testing.T, m sqlstore.Migrations) []string {
	t.Helper()
	names, err := fs.Glob(m.Files, "*")
	if err != nil {
		t.Fatal(err)
	}
	return names
}
