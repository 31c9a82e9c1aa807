import { Button, Dropdown, Menu } from '@grafana/ui';
import type { ActionInfo } from '@pgvigil/exporter/contract';
import React, { useState } from 'react';
import { useActions } from '../../api/actions';
import { ActionFormDrawer, rightOf } from '../../components/action';
import { useScope } from '../../lib/scope';

/** Any action on any object: a menu of what this role may do, then a form, then the preview. Not there for others. */
export function NewAction() {
  const scope = useScope();
  const { target } = scope;
  const database = scope.database ?? scope.info?.database;
  const { items } = useActions(target);
  const [asked, setAsked] = useState<ActionInfo>();
  const may = items?.filter((info) => info.kind === 'maintenance' && rightOf(info, scope).state === 'may') ?? [];
  if (target === undefined || database === undefined || may.length === 0) return null;
  const menu = (
    <Menu>
      {may.map((info) => (
        <Menu.Item key={info.id} label={`${info.title}…`} onClick={() => setAsked(info)} />
      ))}
    </Menu>
  );
  return (
    <>
      <Dropdown overlay={menu} placement="bottom-end">
        <Button variant="secondary" icon="angle-down" iconPlacement="right">
          New action
        </Button>
      </Dropdown>
      {asked && <ActionFormDrawer info={asked} {...{ target, database }} onClose={() => setAsked(undefined)} />}
    </>
  );
}
