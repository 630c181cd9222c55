/**
 * Program: `node createDatabase.ts <schema file> <database file>` makes an empty PowerDNS database. It is a process of its
 * own, with the system's SQLite left out: Node has one built in.
 */
import { readFileSync, renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const [schema, file] = process.argv.slice(2);
if (schema === undefined || file === undefined)
    throw new Error("usage: node createDatabase.ts <schema file> <database file>");

// Under another name until it is whole, so that a crash never leaves half a schema behind.
const unfinished = `${file}.new`;
rmSync(unfinished, { force: true });
const database = new DatabaseSync(unfinished);
database.exec(readFileSync(schema, "utf8"));
database.exec("PRAGMA journal_mode=WAL");
database.close();
renameSync(unfinished, file);
