import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from './serve.ts';

/**
 * Who has which course: `PUT /enrolments/{student}/{course}` and `GET /enrolments/{student}`. The enrolments are in the
 * file `ENROLMENTS`; while it cannot be read every answer is a 503.
 */

const file = process.env.ENROLMENTS ?? join(tmpdir(), `enrolments-${process.pid}.json`);
if (!existsSync(file)) writeFileSync(file, '{}');

serve(async ({ method, path }) => {
  const [, , student = '', course] = path.split('/');
  // What a call to a disk far away takes.
  await sleep(20);
  const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>;
  const courses = new Set(all[student]);
  if (method === 'PUT' && course !== undefined) {
    courses.add(course);
    writeFileSync(file, JSON.stringify({ ...all, [student]: [...courses] }));
  }
  return { status: 200, json: { student, courses: [...courses] } };
});
