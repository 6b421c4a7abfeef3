// One file of types for each module's OpenAPI document: src/api/<module>.ts. `--check` only compares.
import { readdirSync, readFileSync, writeFileSync, existsSync, rmSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const documents = new URL("../docs/reference/openapi/", import.meta.url);
const folder = new URL("./src/api/generated/", import.meta.url);
const check = process.argv.includes("--check");
const names = readdirSync(documents).filter((f) => f.endsWith(".json")).map((f) => f.slice(0, -5));
const stale = [];
for (const name of names) {
  const file = new URL(`${name}.ts`, folder);
  const made = "// Generated from docs/reference/openapi by `make gen`.\n" + astToString(await openapiTS(new URL(`${name}.json`, documents)));
  if (existsSync(file) && readFileSync(file, "utf8") === made) continue;
  stale.push(name);
  if (!check) writeFileSync(file, made);
}
for (const file of existsSync(folder) ? readdirSync(folder) : []) {
  if (names.includes(file.slice(0, -3))) continue;
  stale.push(file);
  if (!check) rmSync(new URL(file, folder));
}
for (const name of stale) console.log(check ? `类型已过时，请运行 make gen · Types out of date, run make gen: ${name}` : name);
if (check && stale.length) process.exit(1);
