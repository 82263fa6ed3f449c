import { courses } from './courses.ts';
import { notFound, serveJson } from './json-server.ts';

/** What others took who took this course. In truth somebody else's API, and here the courses of the same topic. */

serveJson(9004, ({ pathname }) => {
  const course = courses.find(({ id }) => pathname === `/recommendations/${id}`);
  if (course === undefined) return notFound;
  const alike = courses.filter(({ id, topic }) => topic === course.topic && id !== course.id);
  return { status: 200, body: { recommended: alike.map(({ id }) => id) } };
});
