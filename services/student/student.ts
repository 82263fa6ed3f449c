import { z } from 'zod';

export const studentSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  /** Whether it names a school is for school-service to say. */
  school_id: z.string().trim().min(1).max(64),
  email: z.email('expected an email address').max(254).nullish(),
});

export type Student = z.infer<typeof studentSchema>;

export const studentPatchSchema = studentSchema
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'expected at least one field');
