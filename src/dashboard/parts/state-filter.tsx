import type { StateLook } from '../words/state-view.ts';

export interface Wanted {
  readonly name: string;
  readonly look: StateLook | 'all' | 'troubled';
}

interface Props {
  readonly wanted: Wanted;
  readonly shown: number;
  readonly all: number;
  readonly onChange: (wanted: Wanted) => void;
}

const LOOKS = [
  ['all', 'All'],
  ['troubled', 'In trouble'],
  ['open', 'Open'],
  ['half-open', 'Half-open'],
  ['closed', 'Closed'],
] as const;

/** For lists that are too long to read. */
export function StateFilter({ wanted, shown, all, onChange }: Props) {
  return (
    <search class="filter">
      <label class="filter-name">
        <span>Filter by name</span>
        <input
          type="search"
          value={wanted.name}
          onInput={({ currentTarget }) => onChange({ ...wanted, name: currentTarget.value })}
        />
      </label>
      <fieldset class="segments">
        <legend class="visually-hidden">State</legend>
        {LOOKS.map(([look, label]) => (
          <label key={look}>
            <input
              type="radio"
              name="state"
              checked={wanted.look === look}
              onChange={() => onChange({ ...wanted, look })}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <p class="section-note" role="status">
        {shown} of {all}
      </p>
    </search>
  );
}
