import { InvalidOptionError } from './errors.ts';

/** @throws InvalidOptionError not a whole number of at least `min` */
export function checkWhole(option: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min) {
    throw new InvalidOptionError(option, value, `a whole number, ${min} or more`);
  }
}

/** @throws InvalidOptionError not a number, or below `min`; Infinity passes */
export function checkAtLeast(option: string, value: number, min: number): void {
  if (!(value >= min)) throw new InvalidOptionError(option, value, `a number, ${min} or more`);
}

/** @throws InvalidOptionError not a number over 0; Infinity passes */
export function checkPositive(option: string, value: number): void {
  if (!(value > 0)) throw new InvalidOptionError(option, value, 'a number over 0');
}
