export interface Course {
  readonly id: string;
  readonly title: string;
  readonly topic: string;
}

/** What the platform teaches. */
export const courses: readonly Course[] = [
  { id: 'algebra', title: 'Linear algebra', topic: 'mathematics' },
  { id: 'analysis', title: 'Real analysis', topic: 'mathematics' },
  { id: 'networks', title: 'Computer networks', topic: 'computing' },
  { id: 'databases', title: 'Databases and networks of them', topic: 'computing' },
];
