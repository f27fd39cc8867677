//! The closed sets of words of the schema, one for each of the rows'. Spelled in capitals outside; a word that a client
//! does not know is to be treated as "something else".

use async_graphql::Enum;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident of $remote:literal { $($(#[$vdoc:meta])* $v:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum)]
        #[graphql(remote = $remote)]
        pub enum $name { $($(#[$vdoc])* $v),+ }
    )+};
}

words! {
    /// What a member of a tenant may do.
    Role of "entity::Role" {
        /// Everything, settings and members included.
        Owner,
        /// Works cases, payments and imports; no settings.
        Accountant,
        /// Reads.
        Viewer,
    }
    /// The accounting systems.
    Provider of "entity::Provider" {
        /// Files of comma-separated values.
        Csv,
        /// Xero, by `OAuth2`.
        Xero,
        /// Xentral, by API key.
        Xentral,
        /// `PowerOffice` GO, by keys.
        #[graphql(name = "POWEROFFICE")]
        PowerOffice,
    }
    /// Where an integration stands.
    IntegrationStatus of "entity::IntegrationStatus" {
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
    PrintBatchStatus of "entity::PrintBatchStatus" {
        /// To be printed and posted.
        Open,
        /// In the post.
        Posted,
        /// Given up; its letters may be printed in another one.
        Cancelled,
    }
    /// From which date the minimum days overdue count.
    OverdueBasis of "entity::OverdueBasis" {
        /// The invoice's due date.
        DueDate,
        /// The invoice's issue date.
        IssueDate,
    }
    /// Ask before each letter, or send as the policy says.
    ConsentMode of "entity::ConsentMode" {
        /// Every letter waits for a person's yes.
        EachLetter,
        /// The policy sends.
        Automatic,
    }
    /// How invoices become cases.
    CaseGrouping of "entity::CaseGrouping" {
        /// One case per invoice.
        PerInvoice,
        /// One case per debtor and currency. Nobody is reminded ahead of a due date then: see `SyncSkipped.notRemindedAhead`.
        PerDebtor,
    }
    /// Whether the debtor is a private person; much law depends on it.
    DebtorKind of "entity::DebtorKind" {
        /// A private person.
        Consumer,
        /// A business.
        Business,
    }
    /// What a step of a policy does.
    StepAction of "entity::StepAction" {
        /// Issues a letter: a page with what goes along with it.
        SendLetter,
        /// Sends a message without a page, by e-mail or SMS.
        SendMessage,
        /// Asks a person to call the debtor; the case waits for what came of it.
        CallTask,
        /// Asks a person to do something else; the case waits for what came of it.
        ManualTask,
        /// Asks the agency to take over; the creditor may stop it. Only as the last step.
        OfferHandover,
    }
    /// What a person is asked to do.
    TaskKind of "entity::WorkTaskKind" {
        /// Call the debtor.
        Call,
        /// What the note says.
        Manual,
    }
    /// Where something that a person is asked to do stands.
    TaskStatus of "entity::WorkTaskStatus" {
        /// Waits for the person; the case waits with it.
        Open,
        /// Done: the step ran.
        Done,
        /// Passed over by a person: the ladder went on.
        Skipped,
        /// No longer to be done: the case was closed, held or moved, or owes another sum.
        Cancelled,
    }
    /// What reduces an invoice.
    PaymentKind of "entity::PaymentKind" {
        /// Money received.
        Payment,
        /// A credit note applied.
        CreditNote,
    }
    /// Who told us of a payment.
    PaymentSource of "entity::PaymentSource" {
        /// The accounting system, or a file of its records.
        AccountingSync,
        /// A person, by mutation.
        Manual,
    }
    /// Where a case stands.
    CaseStatus of "entity::CaseStatus" {
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
    HoldReason of "entity::HoldReason" {
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
    CloseReason of "entity::CloseReason" {
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
    /// What a letter is in the ladder.
    LetterKind of "entity::LetterKind" {
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
    LetterStatus of "entity::LetterStatus" {
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
    Channel of "entity::Channel" {
        /// E-mail with the letter as PDF.
        Email,
        /// A short text message.
        Sms,
        /// Paper: printed and posted.
        Post,
    }
    /// Where a delivery stands.
    DeliveryStatus of "entity::DeliveryStatus" {
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
    /// How a hand-over to a provider ended.
    AttemptOutcome of "entity::AttemptOutcome" {
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
    NewsKind of "entity::NewsKind" {
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
    SuppressionReason of "entity::SuppressionReason" {
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
    SyncTrigger of "entity::SyncTrigger" {
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
    SyncStatus of "entity::SyncStatus" {
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
    UploadStatus of "entity::UploadStatus" {
        /// Created, bytes not yet complete.
        Pending,
        /// All bytes are here.
        Stored,
    }
    /// Who did it.
    ActorKind of "entity::ActorKind" {
        /// Dunwell itself.
        System,
        /// A signed-in person.
        User,
        /// The accounting system.
        Provider,
    }
    /// What a column of a file can mean.
    ImportField of "domain::import::Field" {
        /// The invoice's number, as the debtor knows it. Also its id unless one is mapped.
        InvoiceNumber,
        /// The invoice's id in the accounting system.
        InvoiceId,
        /// Subject line.
        InvoiceTitle,
        /// The structured reference that payers quote, such as a KID; letters on this invoice alone ask for it.
        InvoiceReference,
        /// Where the debtor sees and pays the invoice online; anything but an https address is left out.
        OnlineUrl,
        /// Issue date.
        IssuedOn,
        /// Due date.
        DueOn,
        /// The whole sum.
        Total,
        /// What is open by their books.
        Outstanding,
        /// ISO 4217.
        Currency,
        /// Whether the invoice is disputed (yes/no, true/false, 1/0, ja/nein).
        Disputed,
        /// The invoice's state: approved, voided, written off. A row in another state is skipped with a reason.
        InvoiceState,
        /// The day on which the whole invoice was paid and reconciled; empty while it is not.
        PaidOn,
        /// The debtor's id in the accounting system; the name when not mapped.
        DebtorId,
        /// The debtor's name.
        DebtorName,
        /// Private person or business.
        DebtorKind,
        /// E-mail address.
        DebtorEmail,
        /// Phone number.
        DebtorPhone,
        /// Street and number.
        DebtorLine1,
        /// Second address line.
        DebtorLine2,
        /// Postal code.
        DebtorPostalCode,
        /// Town.
        DebtorCity,
        /// State or region.
        DebtorRegion,
        /// ISO 3166-1 alpha-2, or a country's English name.
        DebtorCountry,
        /// `en`, `de` or a longer language tag.
        DebtorLanguage,
        /// A payment's id; a row with a payment amount or date and this field is a payment.
        PaymentId,
        /// A payment's amount.
        PaymentAmount,
        /// A payment's value date.
        PaymentDate,
        /// Whether the payment is matched in their books; yes when not mapped.
        PaymentReconciled,
        /// Whether the payment was deleted or bounced; no when not mapped.
        PaymentReversed,
        /// The payment's text.
        PaymentReference,
        /// `payment` or `credit note`; payment when not mapped.
        PaymentKind,
    }
    /// How cases reach an agency.
    AgencyKind of "entity::AgencyKind" {
        /// As a file with the letters, for agencies without an API.
        File,
        /// Over Amili's collection API.
        Amili,
    }
    /// Whether an agency takes cases.
    AgencyStatus of "entity::AgencyStatus" {
        /// It does.
        Active,
        /// Its keys are refused: a person must enter them again.
        NeedsKeys,
        /// The creditor ended it; cases there go on.
        Ended,
    }
    /// Where a hand-over stands.
    HandoverStatus of "entity::HandoverStatus" {
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
    /// How a file separates its columns.
    Delimiter of "domain::import::Delimiter" {
        /// `,`
        Comma,
        /// `;`
        Semicolon,
        /// A tab.
        Tab,
        /// `|`
        Pipe,
    }
    /// How a file spells its characters.
    Encoding of "domain::import::Encoding" {
        /// UTF-8, with or without a byte order mark.
        Utf8,
        /// UTF-16, little endian unless a byte order mark says otherwise.
        Utf16,
        /// Windows-1252, the Western superset of ISO 8859-1.
        Windows1252,
    }
    /// The order of day, month and year. A file whose dates fit several orders needs an explicit one.
    DateOrder of "domain::import::DateOrder" {
        /// 2026-11-21
        YearMonthDay,
        /// 21.11.2026, 21/11/2026
        DayMonthYear,
        /// 11/21/2026
        MonthDayYear,
    }
    /// What stands before the cents.
    DecimalMark of "domain::import::DecimalMark" {
        /// 1,234.50
        Point,
        /// 1.234,50
        Comma,
    }
}
