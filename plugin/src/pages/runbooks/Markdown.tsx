import { css } from '@emotion/css';
import { type GrafanaTheme2, renderMarkdown } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { ClipboardButton, useStyles2 } from '@grafana/ui';
import React, { type MouseEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { isModified } from '../../components/link/AppLink';
import { PLUGIN_BASE_URL } from '../../constants';
import { pathOf, prepare } from './markdown';

/** Markdown as Grafana renders and sanitises it; commands with a button that copies them, links without loading Grafana anew. */
export function Markdown({ text }: { text: string }) {
  const styles = useStyles2(getStyles);
  const html = useMemo(() => ({ __html: renderMarkdown(prepare(text)) }), [text]);
  const body = useRef<HTMLDivElement>(null);
  const [commands, setCommands] = useState<readonly Command[]>([]);
  useLayoutEffect(() => setCommands(dress(body.current!)), [html]);
  return (
    <>
      {/* Looks only at links that were followed, by mouse or by key. */}
      <div ref={body} className={styles.body} onClick={follow} dangerouslySetInnerHTML={html} />
      {commands.map(({ corner, text }, at) =>
        createPortal(
          <ClipboardButton
            className={styles.copy}
            size="sm"
            variant="secondary"
            icon="copy"
            aria-label={`Copy command ${at + 1}`}
            getText={() => text}
          />,
          corner,
          String(at),
        ),
      )}
    </>
  );
}

interface Command {
  /** Where its button goes. */
  readonly corner: HTMLElement;
  readonly text: string;
}

/** Makes blocks reachable by key, as they scroll sideways, and gives commands a corner: expected output is only compared. */
function dress(body: HTMLElement): Command[] {
  const commands: Command[] = [];
  for (const pre of body.querySelectorAll('pre')) {
    const isOutput = pre.querySelector('code')?.classList.contains('language-text') ?? false;
    pre.tabIndex = 0;
    pre.setAttribute('aria-label', isOutput ? 'Expected output' : 'To be run');
    if (isOutput) continue;
    const box = document.createElement('div');
    const corner = document.createElement('div');
    box.className = 'command';
    pre.replaceWith(box);
    box.append(pre, corner);
    commands.push({ corner, text: (pre.textContent ?? '').trimEnd() });
  }
  return commands;
}

function follow(event: MouseEvent<HTMLElement>): void {
  const link = (event.target as HTMLElement).closest('a');
  const path = link && pathOf(link.getAttribute('href') ?? '', PLUGIN_BASE_URL);
  if (!path || isModified(event)) return;
  event.preventDefault();
  locationService.push(path);
}

const getStyles = (theme: GrafanaTheme2) => ({
  body: css({
    maxWidth: 1000,
    lineHeight: 1.6,
    overflowWrap: 'anywhere',
    // The page's own title says it.
    '& h1': { display: 'none' },
    '& h2': { ...theme.typography.h4, margin: theme.spacing(3, 0, 1) },
    '& p': { margin: theme.spacing(0, 0, 1) },
    '& blockquote': {
      margin: theme.spacing(1, 0, 2),
      padding: theme.spacing(1, 2),
      border: 'none',
      borderLeft: `3px solid ${theme.colors.border.strong}`,
      color: theme.colors.text.primary,
      background: theme.colors.background.secondary,
      fontSize: theme.typography.body.fontSize,
      '& p': { margin: 0, fontSize: 'inherit', lineHeight: 'inherit' },
    },
    '& ul, & ol': { margin: theme.spacing(0, 0, 1), paddingLeft: theme.spacing(3) },
    '& li': { margin: theme.spacing(0.75, 0) },
    // Buttons by their names; without a slanted face, which a Grafana may have to fetch.
    '& em': { fontStyle: 'normal', fontWeight: theme.typography.fontWeightMedium },
    '& a': { color: theme.colors.text.link, textDecoration: 'underline' },
    '& table': { borderCollapse: 'collapse', margin: theme.spacing(1, 0, 2) },
    '& th, & td': {
      textAlign: 'left',
      verticalAlign: 'top',
      padding: theme.spacing(0.5, 2, 0.5, 0),
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    },
    '& code': {
      fontFamily: theme.typography.fontFamilyMonospace,
      fontSize: '0.9em',
      color: theme.colors.text.primary,
      background: theme.colors.background.secondary,
      border: 'none',
      padding: theme.spacing(0, 0.5),
      whiteSpace: 'break-spaces',
    },
    '& pre': {
      margin: theme.spacing(1, 0),
      padding: theme.spacing(1, 2),
      overflow: 'auto',
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      background: theme.colors.background.primary,
      fontSize: theme.typography.bodySmall.fontSize,
      lineHeight: 1.6,
      whiteSpace: 'pre',
    },
    '& pre code': { padding: 0, background: 'none', fontSize: 'inherit', whiteSpace: 'pre' },
    // Output: without the frame of what is to be run.
    '& pre:has(code.language-text)': {
      border: 'none',
      borderLeft: `3px solid ${theme.colors.border.weak}`,
      borderRadius: 0,
      background: 'none',
    },
    '& .command': { position: 'relative' },
    // Room for the button.
    '& .command pre': { paddingRight: theme.spacing(7) },
  }),
  copy: css({
    position: 'absolute',
    top: theme.spacing(0.5),
    right: theme.spacing(0.5),
    // Grafana's is half transparent: a long line would be read through it.
    background: theme.colors.background.canvas,
  }),
});
