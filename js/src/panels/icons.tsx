import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      {children}
    </svg>
  );
}

export const PlayIcon = () => (
  <Icon>
    <path d="M4.5 2.8v10.4L13 8z" fill="currentColor" />
  </Icon>
);

export const StopIcon = () => (
  <Icon>
    <rect x="3.5" y="3.5" width="9" height="9" rx="1.5" fill="currentColor" />
  </Icon>
);

export const PauseIcon = () => (
  <Icon>
    <path d="M5.5 3.5v9M10.5 3.5v9" stroke-width="2.4" />
  </Icon>
);

/** An italic f, of x. */
export const FormulaIcon = () => (
  <Icon>
    <path d="M9 3.2c-2.2-1-3 .2-3.3 2.3L5 10.5c-.2 1.8-1 2.7-2.5 2.2M3 6.8h4.5M9.5 8.5l4 4.5M13.5 8.5l-4 4.5" />
  </Icon>
);

export const UndoIcon = () => (
  <Icon>
    <path d="M5.5 2.5 2.5 5.5l3 3M2.5 5.5h7a4 4 0 0 1 0 8H6" />
  </Icon>
);

export const RedoIcon = () => (
  <Icon>
    <path d="m10.5 2.5 3 3-3 3M13.5 5.5h-7a4 4 0 0 0 0 8H10" />
  </Icon>
);

export const FitIcon = () => (
  <Icon>
    <path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M8 3v10M3 8h10" />
  </Icon>
);

export const MinusIcon = () => (
  <Icon>
    <path d="M3 8h10" />
  </Icon>
);

export const FitSelectionIcon = () => (
  <Icon>
    <path d="M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11" />
    <rect x="5.5" y="5.5" width="5" height="5" rx="1" />
  </Icon>
);

export const TableIcon = () => (
  <Icon>
    <rect x="2.5" y="3" width="11" height="10" rx="1" />
    <path d="M2.5 6.3h11M2.5 9.6h11M6.5 6.3V13" />
  </Icon>
);

export const HelpIcon = () => (
  <Icon>
    <path d="M5.5 5.6a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.9-1.1 1.7M8 12.7v.1" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
);

export const CopyIcon = () => (
  <Icon>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 5.5v-2A1 1 0 0 0 9.5 2.5h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2" />
  </Icon>
);

export const PinIcon = ({ filled = false }: { filled?: boolean }) => (
  <Icon>
    <path d="M6 2.5h4M6.5 2.5v4L4.5 9.5h7L9.5 6.5v-4M8 9.5v4" fill={filled ? "currentColor" : "none"} />
  </Icon>
);

export const NoteIcon = () => (
  <Icon>
    <path d="M3 2.5h10v7L9.5 13.5H3zM9.5 13.5V9.5H13M5.5 5.5h5M5.5 8h2.5" />
  </Icon>
);

export const RenameIcon = () => (
  <Icon>
    <path d="m10.5 3 2.5 2.5L6 12.5l-3.3.8.8-3.3z" />
  </Icon>
);

/** Two pictures side by side. */
export const CompareIcon = () => (
  <Icon>
    <rect x="2" y="3.5" width="5" height="9" rx="1" />
    <rect x="9" y="3.5" width="5" height="9" rx="1" />
  </Icon>
);

export const MoreIcon = () => (
  <Icon>
    <path d="M3.5 8v.1M8 8v.1M12.5 8v.1" stroke-width="2.4" />
  </Icon>
);

/** Up to a bar and no further: one step. */
export const StepIcon = () => (
  <Icon>
    <path d="M3.5 3.2v9.6L10.5 8z" fill="currentColor" />
    <path d="M13 3.4v9.2" stroke-width="2.2" />
  </Icon>
);

export const GearIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="2.1" />
    <path d="M8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4" />
  </Icon>
);

/** An arrow into a tray. */
export const DownloadIcon = () => (
  <Icon>
    <path d="M8 2.5v7M5 7l3 3 3-3M3 10.5V13h10v-2.5" />
  </Icon>
);

export const LockIcon = () => (
  <Icon>
    <rect x="3.5" y="7.5" width="9" height="6" rx="1.2" fill="currentColor" />
    <path d="M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5" />
  </Icon>
);

export const UnlockIcon = () => (
  <Icon>
    <rect x="3.5" y="7.5" width="9" height="6" rx="1.2" />
    <path d="M5.5 7.5V4.5a2.5 2.5 0 0 1 4.7-1.2" />
  </Icon>
);
