// Reads BPMN files with the standard's schema model, the linter's recommended rules; one JSON line a file.
import { readFileSync } from 'node:fs';
import { BpmnModdle } from 'bpmn-moddle';
import { Linter } from 'bpmnlint';
import NodeResolver from 'bpmnlint/lib/resolver/node-resolver.js';

const moddle = new BpmnModdle();

for (const file of process.argv.slice(2)) {
  const linter = new Linter({ resolver: new NodeResolver() });  // its rules remember what they have seen
  const { rootElement, warnings } = await moddle.fromXML(readFileSync(file, 'utf8'));
  const found = await linter.lint(rootElement, { extends: 'bpmnlint:recommended' });
  const problems = Object.entries(found).flatMap(([rule, reports]) =>
    reports.map(({ id, message, category }) => ({ rule, id, message, category })));
  console.log(JSON.stringify({ file, warnings: warnings.map(w => w.message), problems }));
}
