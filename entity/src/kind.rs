//! The closed sets of words that rows carry. Stored as short lower-case text on both databases, never as native
//! enums, so that a new word is no migration.

use sea_orm::{DeriveActiveEnum, EnumIter, prelude::StringLen};
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $v:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
        #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))", rename_all = "snake_case")]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $v),+ }
    )+};
}

words! {
    /// What a member of a tenant may do.
    Role {
        /// Everything, settings and members included.
        Owner,
        /// Works cases, payments and imports; no settings.
        Accountant,
        /// Reads.
        Viewer,
    }
    /// The accounting systems.
    Provider {
        /// Files of comma-separated values.
        Csv,
        /// Xero, by `OAuth2`.
        Xero,
        /// Xentral, by API key.
        Xentral,
        /// PowerOffice GO, by keys.
        #[sea_orm(string_value = "poweroffice")]
        #[serde(rename = "poweroffice")]
        PowerOffice,
    }
    /// Where an integration stands.
    IntegrationStatus {
        /// Working.
        Active,
        /// Stopped by the creditor; may be resumed.
        Paused,
        /// The provider refused our credentials: a person must authorise again.
        NeedsReauthorization,
        /// Ended.
        Disconnected,
    }
    /// Where a print batch stands.
    PrintBatchStatus {
        /// To be printed and posted.
        Open,
        /// In the post.
        Posted,
        /// Given up; its letters may be printed in another one.
        Cancelled,
    }
    /// From which date the minimum days overdue count.
    OverdueBasis {
        /// The invoice's due date.
        DueDate,
        /// The invoice's issue date.
        IssueDate,
    }
    /// Ask before each letter, or send as the policy says.
    ConsentMode {
        /// Every letter waits for a person's yes.
        EachLetter,
        /// The policy sends.
        Automatic,
    }
    /// How invoices become cases.
    CaseGrouping {
        /// One case per invoice.
        PerInvoice,
        /// One case per debtor and currency.
        PerDebtor,
    }
    /// Whether the debtor is a private person; much law depends on it.
    DebtorKind {
        /// A private person.
        Consumer,
        /// A business.
        Business,
    }
    /// Where an invoice stands in the accounting system.
    InvoiceStatus {
        /// Something is outstanding.
        Open,
        /// Nothing is outstanding, by payment.
        Paid,
        /// Nothing is outstanding, by credit note.
        Credited,
        /// The creditor gave it up.
        WrittenOff,
        /// Cancelled in the accounting system.
        Voided,
    }
    /// What reduces an invoice.
    PaymentKind {
        /// Money received.
        Payment,
        /// A credit note applied.
        CreditNote,
    }
    /// What a case owes beside its invoices.
    ChargeKind {
        /// What a step of the policy adds.
        Fee,
        /// What the law grants for late payment, once for each invoice.
        FixedSum,
        /// Interest for late payment.
        Interest,
    }
    /// Who told us of a payment.
    PaymentSource {
        /// The accounting system, or a file of its records.
        AccountingSync,
        /// A person, by mutation.
        Manual,
    }
    /// Where a case stands.
    CaseStatus {
        /// Waits for the creditor's yes.
        Proposed,
        /// The creditor said no.
        Declined,
        /// Letters go out on the policy.
        Active,
        /// Stopped for a reason, with an end.
        OnHold,
        /// The policy is exhausted; the agency is asked to take over.
        AwaitingHandover,
        /// The agency works it.
        HandedOver,
        /// Over, with an outcome.
        Closed,
    }
    /// Why a case is on hold.
    HoldReason {
        /// The creditor paused it.
        Paused,
        /// The debtor disputes the claim.
        Disputed,
        /// The debtor promised to pay.
        Promised,
        /// The debtor pays by instalments.
        OnPlan,
    }
    /// How a closed case ended.
    CloseReason {
        /// Paid in full and reconciled.
        Paid,
        /// The creditor gave the claim up.
        WrittenOff,
        /// Credit notes covered the claim.
        Credited,
        /// The creditor took the case back.
        Withdrawn,
        /// The debtor was right.
        DisputeUpheld,
        /// No money to be had.
        Uncollectable,
        /// Insolvency proceedings.
        DebtorInsolvent,
        /// The debtor died.
        DebtorDeceased,
        /// Chasing would harm a vulnerable person.
        DebtorVulnerable,
        /// Limitation passed.
        TimeBarred,
    }
    /// What a step of a policy does.
    #[derive(Default)]
    StepAction {
        /// Issues a letter: a page with what goes along with it.
        #[default]
        SendLetter,
        /// Sends a message without a page.
        SendMessage,
        /// Asks a person to call the debtor.
        CallTask,
        /// Asks a person to do something else.
        ManualTask,
        /// Asks the agency to take over; the creditor may stop it.
        OfferHandover,
    }
    /// What a letter is in the ladder.
    LetterKind {
        /// Tells that an invoice falls due soon.
        PreDueReminder,
        /// A friendly first notice.
        Reminder,
        /// A formal demand.
        LetterOfDemand,
        /// The last letter before hand-over.
        FinalDemand,
        /// The notice that a country's law asks for before collection.
        CollectionNotice,
        /// Confirms a part payment and states the rest.
        PartPayment,
        /// A statement of account: everything that is open, without a deadline.
        Statement,
        /// The money arrived.
        ThankYou,
    }
    /// Where a letter stands.
    LetterStatus {
        /// Waits for the creditor's yes.
        AwaitingConsent,
        /// Will go out at its instant.
        Scheduled,
        /// At least one channel is being served.
        Sending,
        /// At least one channel accepted it.
        Sent,
        /// Every channel refused it.
        Failed,
        /// Stopped before it went out.
        Cancelled,
    }
    /// The ways to reach a debtor.
    Channel {
        /// E-mail with the letter as PDF.
        Email,
        /// A short text message.
        Sms,
        /// Paper: printed and posted.
        Post,
    }
    /// Where a delivery stands.
    DeliveryStatus {
        /// Will be sent at its instant.
        Scheduled,
        /// Handed to the provider, no answer yet.
        Sending,
        /// The provider accepted it, or the letter was marked as posted.
        Sent,
        /// Waits for a person to print and post it.
        ReadyToPost,
        /// Refused for good.
        Failed,
        /// Stopped before it went out.
        Cancelled,
        /// The answer was lost: a person must look, it is never re-sent blindly.
        Unknown,
        /// The provider says that it arrived.
        Delivered,
        /// The provider accepted it and it came back, or never arrived.
        Bounced,
    }
    /// How a hand-over ended.
    AttemptOutcome {
        /// The provider took it.
        Accepted,
        /// Not taken; tried again later.
        Deferred,
        /// Our credentials were refused; tried again later.
        Unauthorised,
        /// Refused for good.
        Rejected,
        /// The answer was lost.
        Unknown,
        /// It was never taken: it died on the way, and repeating it is safe.
        NotTaken,
    }
    /// What a provider told about a delivery that it had taken.
    NewsKind {
        /// It has it.
        Accepted,
        /// It passed it on.
        Sent,
        /// It arrived.
        Delivered,
        /// It did not arrive yet and is still tried.
        Delayed,
        /// It did not arrive and never will.
        Undelivered,
        /// It came back.
        Bounced,
        /// Paper came back.
        Returned,
        /// The debtor answered it.
        Answered,
    }
    /// Why an address must not be used.
    SuppressionReason {
        /// What was sent there came back for good.
        Bounced,
        /// The debtor ended e-mails by the link in one of them.
        Unsubscribed,
        /// The debtor answered STOP to a short message, or the provider says so.
        OptedOut,
        /// The debtor marked a mail as unwanted.
        Complaint,
        /// Paper came back.
        Returned,
    }
    /// What started a run.
    SyncTrigger {
        /// The clock.
        Schedule,
        /// A person.
        Manual,
        /// A message from the provider.
        Webhook,
        /// The first pull after connecting.
        Initial,
        /// An uploaded file.
        Import,
    }
    /// Where a run stands.
    SyncStatus {
        /// Waits for a worker.
        Queued,
        /// Pages are being taken over.
        Running,
        /// Everything was taken over.
        Succeeded,
        /// Good records were taken over, bad ones are listed.
        PartiallySucceeded,
        /// Nothing more will happen; the error says why.
        Failed,
        /// Stopped by a person.
        Cancelled,
    }
    /// Where an upload stands.
    UploadStatus {
        /// Created, bytes not yet complete.
        Pending,
        /// All bytes are here.
        Stored,
    }
    /// What a provider's hint is about.
    HintSubject {
        /// An invoice, or something that changes one.
        Invoice,
        /// A debtor.
        Debtor,
        /// Anything else.
        Other,
    }
    /// What a note in the books tells.
    BookEvent {
        /// The case was handed over to the agency.
        HandedOver,
        /// The case was closed.
        Closed,
    }
    /// Where something to be told outside stands.
    TaskStatus {
        /// Will be told at its instant.
        Waiting,
        /// Told.
        Done,
        /// Refused for good: a person must look.
        Failed,
        /// No longer true before it was told.
        Cancelled,
    }
    /// What a step of a policy asks a person to do.
    WorkTaskKind {
        /// Call the debtor.
        Call,
        /// What the step's note says.
        Manual,
    }
    /// Where something that a person was asked to do stands.
    WorkTaskStatus {
        /// Waits for the person; the case waits with it.
        Open,
        /// Done: the step ran.
        Done,
        /// Passed over by a person: the ladder went on.
        Skipped,
        /// No longer to be done: the case was closed, held or moved, or owes another sum.
        Cancelled,
    }
    /// How cases reach an agency.
    AgencyKind {
        /// As a file with the letters, for agencies without an API.
        File,
        /// Over Amili's collection API.
        Amili,
    }
    /// Whether an agency takes cases.
    AgencyStatus {
        /// It does.
        Active,
        /// Its keys are refused: a person must enter them again.
        NeedsKeys,
        /// The creditor ended it; cases there go on.
        Ended,
    }
    /// Where a hand-over stands.
    HandoverStatus {
        /// The agency is asked to take over once the creditor's time to stop it is over, or the creditor agreed.
        Offered,
        /// The creditor stopped it.
        OptedOut,
        /// Will be submitted.
        Confirmed,
        /// Handed to the agency's system, no answer yet.
        Sending,
        /// Submitted; the agency has not accepted it yet.
        Sent,
        /// The agency works it.
        Accepted,
        /// The agency does not take it.
        Rejected,
        /// It could not be submitted, for good.
        Failed,
        /// Taken back by the creditor.
        Recalled,
        /// Over: the agency closed it, or the claim was paid.
        Ended,
    }
    /// What to tell an agency.
    AgencyTaskKind {
        /// Money arrived at the creditor, or a payment was reversed.
        Payment,
        /// The claim changed otherwise: a credit note, an edited or voided invoice.
        Correction,
        /// Stand still.
        Pause,
        /// Go on.
        Resume,
        /// Stop for good and give it back.
        Withdraw,
    }
    /// Who did it.
    ActorKind {
        /// Dunwell itself.
        System,
        /// A signed-in person.
        User,
        /// The accounting system.
        Provider,
    }
}
