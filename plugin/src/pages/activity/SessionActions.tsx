import { Button } from '@grafana/ui';
import type { ActionInfo, Session } from '@pgvigil/exporter/contract';
import React, { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { useActions } from '../../api/actions';
import { type Right, RightNote, rightOf, SessionActionDialog } from '../../components/action';
import { useScope } from '../../lib/scope';

interface Offered {
  readonly rights: readonly Right[];
  readonly ask: (info: ActionInfo, session: Session) => void;
}
const OfferedContext = createContext<Offered>({ rights: [], ask: () => undefined });

/** The one action that this page knows: it stops a query, so it is offered where one runs. */
const CANCEL = 'cancel';
const runsQuery = ({ state }: Session) => state === 'active' || state === 'fastpath function call';

interface SessionActionsProps {
  children: ReactNode;
  onActed: () => void;
  refresh: () => void;
}

/** One dialog for the page: the row that it was opened from may be gone with the next answer. */
export function SessionActions({ children, onActed, refresh }: SessionActionsProps) {
  const scope = useScope();
  const { items } = useActions(scope.target);
  const [asked, setAsked] = useState<{ info: ActionInfo; session: Session }>();
  const rights = useMemo(
    () => items?.filter(({ kind }) => kind === 'session').map((info) => rightOf(info, scope)) ?? [],
    [items, scope],
  );
  const offered = useMemo(
    () => ({ rights, ask: (info: ActionInfo, session: Session) => setAsked({ info, session }) }),
    [rights],
  );
  return (
    <OfferedContext.Provider value={offered}>
      {children}
      {asked && scope.target !== undefined && (
        <SessionActionDialog
          {...asked}
          target={scope.target}
          database={scope.database}
          onClose={() => {
            setAsked(undefined);
            onActed();
            refresh();
          }}
        />
      )}
    </OfferedContext.Provider>
  );
}

/** Said once for the page: which role may, or why nobody. */
export function SessionRights() {
  const { rights } = useContext(OfferedContext);
  const off = rights.find(({ state }) => state === 'off');
  if (off) return <RightNote right={off} />;
  return (
    <>
      {rights.map((right) => (
        <RightNote key={right.info?.id} right={right} />
      ))}
    </>
  );
}

interface SessionButtonsProps {
  session: Session;
  /** Only the one that helps with what the session does now. */
  brief?: boolean;
}

/** "Cancel query…" and "Terminate session…": apart, each with its own words, where it is for such a session. Ours have none. */
export function SessionButtons({ session, brief = false }: SessionButtonsProps) {
  const { rights, ask } = useContext(OfferedContext);
  if (session.own) return null;
  const running = runsQuery(session);
  const useful = (info: ActionInfo) => (info.id === CANCEL) === running && session.state !== 'idle';
  return (
    <>
      {rights.map(({ state, info }) => {
        if (state !== 'may' || !info || !session.signals.includes(info.id) || (brief && !useful(info))) return null;
        const idle = info.id === CANCEL && !running;
        return (
          <Button
            key={info.id}
            size="sm"
            variant="secondary"
            fill="outline"
            onClick={() => ask(info, session)}
            disabled={idle}
            tooltip={idle ? 'It runs no query now.' : undefined}
            aria-label={`${info.title}… session ${session.pid}`}
          >
            {info.title}…
          </Button>
        );
      })}
    </>
  );
}
