import type { Course, CourseDatabase } from './catalogue.ts';

/** A database whose health the demonstration, or a test, decides. */
export class MemoryDatabase implements CourseDatabase {
  down = false;
  calls = 0;
  readonly #courses = new Map<string, Course>();

  constructor(courses: Iterable<Course> = []) {
    for (const course of courses) this.#courses.set(course.id, course);
  }

  async find(id: string): Promise<Course | undefined> {
    this.#answer();
    return this.#courses.get(id);
  }

  async save(course: Course): Promise<void> {
    this.#answer();
    this.#courses.set(course.id, course);
  }

  #answer(): void {
    this.calls++;
    if (this.down) throw new Error('connection refused');
  }
}
