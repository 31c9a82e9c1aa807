import React, { useEffect, useRef, useState } from 'react';
import { Icon, Input } from '@grafana/ui';

export interface SearchBoxProps {
  /** What is searched: "Search statements". Also its placeholder. */
  label: string;
  value: string;
  onSearch: (text: string) => void;
  width?: number;
}

/** Asks the server only when typing rests; each answer costs it a query. */
const REST_MS = 300;
const TYPING = 'input, textarea, select, [contenteditable="true"]';

/** The list's search; `/` anywhere on the page goes to it, Escape empties it. */
export function SearchBox({ label, value, onSearch, width = 32 }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** Our own last search coming back through the address must not undo what was typed since. */
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    const focus = (event: globalThis.KeyboardEvent) => {
      const typing = (event.target as HTMLElement | null)?.closest?.(TYPING);
      if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        input.current?.focus();
        input.current?.select();
      }
    };
    document.addEventListener('keydown', focus);
    return () => document.removeEventListener('keydown', focus);
  }, []);
  const search = (next: string, rest: number) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      sent.current = next.trim();
      onSearch(sent.current);
    }, rest);
  };
  return (
    <Input
      ref={input}
      type="search"
      aria-label={label}
      placeholder={`${label}  ( / )`}
      prefix={<Icon name="search" />}
      width={width}
      value={text}
      onChange={(event) => search(event.currentTarget.value, REST_MS)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') {
          search(text, 0);
        } else if (event.key === 'Escape') {
          search('', 0);
        }
      }}
    />
  );
}
