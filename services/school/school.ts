import { z } from 'zod';

export const schoolSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  address: z.string().trim().max(500).nullish(),
});

export type School = z.infer<typeof schoolSchema>;

export const schoolPatchSchema = schoolSchema
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'expected at least one field');
